"""`python -m benchmarks.bare PORT FILE [stream]`: uvicorn with one route that answers what is in a file, no more.

A stream says that and then nothing more until its reader leaves.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn


def main() -> None:
    """Serve until stopped."""
    body = Path(sys.argv[2]).read_bytes()
    goes_on = sys.argv[3:] == ["stream"]
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(_: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers[: 1 if goes_on else 2]})
        await send({"type": "http.response.body", "body": body, "more_body": goes_on})
        while goes_on and (await receive())["type"] != "http.disconnect":
            pass

    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
