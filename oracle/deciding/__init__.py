"""Whether an offer is right for an account now, what it says, and what is told of that."""
