"""The health check of the image, asked as a container asks it."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from typing_extensions import override

from tests.deploy.compose import ROOT


class _Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/healthz": 200, "/nothing": 204}.get(self.path, 503))
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _check(*addresses: str) -> int:
    script = ROOT / "deploy" / "healthcheck.py"
    done = subprocess.run([sys.executable, script, *addresses], check=False, timeout=30)  # noqa: S603  - our own script
    return done.returncode


def test_a_service_that_answers_200_is_well(service: str) -> None:
    assert _check(f"{service}/healthz") == 0


def test_a_service_that_answers_503_is_not(service: str) -> None:
    assert _check(f"{service}/readyz") == 1


def test_any_other_answer_is_no_health(service: str) -> None:
    assert _check(f"{service}/nothing") == 1


def test_where_nothing_listens_nothing_is_well() -> None:
    assert _check("http://127.0.0.1:9/healthz") == 1


def test_one_of_several_addresses_is_enough(service: str) -> None:
    assert _check("http://127.0.0.1:9/healthz", f"{service}/healthz") == 0


def test_no_address_is_no_health() -> None:
    assert _check() == 1
