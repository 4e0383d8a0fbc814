"""What operators ask of an account, as in ``meters.active_days >= 12``: checked when loaded; true, false or unknown."""
