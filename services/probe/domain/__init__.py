"""What a pass is, and how it can end."""
