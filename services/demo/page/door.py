"""Where the page is."""

from dataclasses import dataclass
from typing import Final

PREFERRED_PORT: Final = 8080


@dataclass(frozen=True)
class Door:
    """A port of this machine, which no other machine reaches."""

    port: int
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """What to type into a browser."""
        return f"http://{self.host}:{self.port}"

    @property
    def origins(self) -> str:
        """As a browser may call it, for the offer API's setting."""
        return f"{self.url},http://localhost:{self.port}"
