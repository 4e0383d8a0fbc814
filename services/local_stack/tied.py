"""Start a program that dies with its parent: `tied.py SIGNAL PARENT UID COMMAND...`.

Run by path in a bare interpreter (`python -I -S`), so it imports the standard library only. A launcher instead of
``preexec_fn`` because code between fork and exec may deadlock when the parent has threads.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_KEEP = "-"


def main(signal: int, parent: int, uid: str, command: list[str]) -> None:
    """Become ``command``, which gets ``signal`` when the thread that started us ends.

    1. change the user   it resets the parent-death signal, so it comes first
    2. ask for the signal
    3. look for the parent   it may have died before 2, and then no signal comes
    4. exec              keeps the signal
    """
    if uid != _KEEP:
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
