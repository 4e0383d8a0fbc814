"""What operators ask of an account, as in ``meters.active_days >= 12``: a language of its own, plainly interpreted.

Written after docs/language/names.md alone; it shares no line, and no library, with what the engine asks with.
"""
