"""What is true of an account, what has just become true, and what to do about it. Pure: no clock, no I/O, no chance."""
