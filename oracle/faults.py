"""Why a verification could not be made. What it finds is no fault of this kind: see `oracle.violations`."""

from __future__ import annotations


class CannotVerify(Exception):
    """The logs, or a snapshot, do not hold what a verification needs.

    Attributes:
        why: What is missing, and what to do about it.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)
