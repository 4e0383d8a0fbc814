"""The `rung` command: a door to the services and the local stack, no logic of its own.

Every sub-command lives in its own file and is entered in `__main__.py`. What is slow to import is imported inside the
command that needs it, so that `rung --help` answers at once.
"""
