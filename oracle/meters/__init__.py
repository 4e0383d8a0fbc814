"""What meters stand at: each kind of count, each kind of window, worked out anew from what an account keeps of it."""
