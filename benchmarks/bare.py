"""`python -m benchmarks.bare PORT FILE`: uvicorn with one route that answers what is in a file, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn


def main() -> None:
    """Serve until stopped."""
    body = Path(sys.argv[2]).read_bytes()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
