"""The operator's language: text to a compiled set, or problems told as a compiler would."""
