"""Passes, one after the other."""
