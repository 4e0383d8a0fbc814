"""Whether an offer is right for this account now: the funnel, and what it makes."""
