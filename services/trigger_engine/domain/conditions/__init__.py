"""What operators ask of an account, such as ``meters.active_days >= 12``: checked when loaded; true, false or unknown."""
