"""The one list of what needs no token."""

from typing import Final

PUBLIC: Final = frozenset({"/healthz", "/readyz"})
"""Paths that need no token: they tell a load balancer whether to send anybody here, and nothing of any account.

Beside them, a browser's preflight (OPTIONS with Origin and Access-Control-Request-Method) is answered without one,
since it can carry none: it learns which origins, methods and headers are taken, for every path the same.
"""
