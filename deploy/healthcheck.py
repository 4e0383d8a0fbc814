"""Ask a service whether it is well: exit code 0 when one of the addresses given answers 200, else 1.

The image has no curl, and needs none. Several addresses may be given since one image runs any service.
"""

import sys
from http.client import HTTPException
from typing import Final
from urllib.request import urlopen

PATIENCE_S: Final = 2
"""Below the 3 s after which the health check itself counts as failed."""


def answers(address: str) -> bool:
    """Whether a GET of ``address`` is answered with 200."""
    try:
        with urlopen(address, timeout=PATIENCE_S) as answer:  # noqa: S310  - the addresses stand in our own files
            return bool(answer.status == 200)  # noqa: PLR2004  - the number is the name
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(0 if any(answers(address) for address in sys.argv[1:]) else 1)
