"""A service as the stack sees it: answers /readyz and /environment on STAND_IN_PORT, ends on SIGTERM.

With STAND_IN_FAILURES=n it exits with 3 on the first n starts, counted in the file STAND_IN_STARTS.
With STAND_IN_STUBBORN it ignores SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from typing_extensions import override

ENVIRONMENT = os.environ  # noqa: TID251 - the environment is what it was given to work with


class Handler(BaseHTTPRequestHandler):
    @override
    def log_message(self, format: str, *args: object) -> None: ...

    def do_GET(self) -> None:
        self.send_response(200 if self.path in {"/readyz", "/environment"} else 404)
        self.end_headers()
        self.wfile.write(json.dumps(dict(ENVIRONMENT)).encode())


starts = Path(ENVIRONMENT["STAND_IN_STARTS"])
count = len(starts.read_text()) if starts.exists() else 0
starts.write_text("x" * (count + 1))
if count < int(ENVIRONMENT.get("STAND_IN_FAILURES", "0")):
    sys.exit("not yet")
if "STAND_IN_STUBBORN" in ENVIRONMENT:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
HTTPServer(("127.0.0.1", int(ENVIRONMENT["STAND_IN_PORT"])), Handler).serve_forever()
