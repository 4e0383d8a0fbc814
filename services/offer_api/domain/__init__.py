"""What an offer is to those who look at it. Pure: time comes in as an argument."""
