"""Numbers kept of an account's usage."""
