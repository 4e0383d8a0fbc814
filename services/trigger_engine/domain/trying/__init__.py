"""Scenarios tried: an account kept in memory, the steps that happen to it, and whether what came was expected."""
