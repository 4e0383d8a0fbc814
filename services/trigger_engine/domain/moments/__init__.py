"""What has just become true. One file a kind: its state, `observe`, and when it re-arms."""
