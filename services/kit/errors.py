"""Faults that end a process, each with an exit code that a supervisor and a runbook can tell apart."""

from typing import ClassVar


class Fatal(Exception):
    """The process can not go on. Subclasses carry data, and say in ``str()`` what happened and what to do."""

    exit_code: ClassVar[int] = 70
    """EX_SOFTWARE of sysexits.h: restarting may help."""
