"""Complements found in what was bought together: what `goes_with` of a product document is filled from."""
