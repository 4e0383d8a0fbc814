"""How often somebody may ask: counted in this process, by token, account and address, and told in every answer."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from limits import RateLimitItem
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.clock import US_PER_S, Clock
from services.offer_api.metrics import Metrics, Per
from services.offer_api.ports import Bearer
from services.offer_api.web.errors import TOO_MANY, response_for
from services.offer_api.web.faults import TooManyStreams
from services.offer_api.web.public import PUBLIC

CLEAN_S: Final = 10.0
"""How often windows that are over are forgotten; a hundred thousand of them take some 10 ms."""

NETWORK_BITS: Final = 64
"""What one subscriber has of IPv6; counted by single addresses there would be no limit."""


class Windows:
    """Counts of windows, each of which begins with its first request."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Per, str], tuple[int, float]] = {}
        self._clean_at = 0.0

    def __len__(self) -> int:
        return len(self._counts)

    def hit(self, who: tuple[Per, str], now_s: float, lasts_s: int) -> tuple[int, float]:
        """Count one request; how many there were in its window, and when that ends."""
        if now_s >= self._clean_at:
            self._clean_at = now_s + CLEAN_S
            self._counts = {key: one for key, one in self._counts.items() if one[1] > now_s}
        count, ends = self._counts.get(who, (0, 0.0))
        count, ends = (count + 1, ends) if ends > now_s else (1, now_s + lasts_s)
        self._counts[who] = (count, ends)
        return count, ends


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """What is left of a window: requests, of how many, and the seconds until it begins anew."""

    remaining: int
    limit: int
    reset_s: int


class Rates:
    """One process's counts. ``limits``: how many requests in which time, by what is counted."""

    def __init__(self, limits: Mapping[Per, RateLimitItem], clock: Clock, metrics: Metrics) -> None:
        # the library's strategy asks its storage three times for each request, which took a tenth of a GET
        self._limits = {per: (item.amount, item.get_expiry()) for per, item in limits.items()}
        self._clock = clock
        self._metrics = metrics
        self._windows = Windows()

    def hit(self, per: Per, who: str) -> tuple[bool, Standing]:
        """Count one request; whether it is within bounds, and what is left."""
        most, lasts_s = self._limits[per]
        now_s = self._clock.now_us() / US_PER_S
        count, ends = self._windows.hit((per, who), now_s, lasts_s)
        within = count <= most
        if not within:
            self._metrics.limited.labels(per).inc()
        return within, Standing(max(0, most - count), most, max(1, round(ends - now_s)))


Who = Callable[[Scope], Iterable[tuple[Per, str]]]
"""Under which names a request is counted."""


class RateLimited:
    """Refuses who asks too often, and says in every answer how much is left of what is scarcest."""

    def __init__(self, app: ASGIApp, rates: Rates, who: Who) -> None:
        self._app = app
        self._rates = rates
        self._who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http" or scope["path"] in PUBLIC:
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        outermost = "standings" not in state
        standings: list[Standing] = state.setdefault("standings", [])

        async def telling(message: Message) -> None:
            if outermost and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_told(min(standings))]
            await send(message)

        for per, who in self._who(scope):
            within, standing = self._rates.hit(per, who)
            standings.append(standing)
            if not within:
                headers = {"retry-after": str(standing.reset_s)}
                await response_for(TOO_MANY, headers=headers)(scope, receive, telling)
                return
        await self._app(scope, receive, telling)


def by_address(scope: Scope) -> Iterable[tuple[Per, str]]:
    """The address that the request came from; of IPv6 the network, which is one subscriber's."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return [(Per.ADDRESS, host)]
    if isinstance(address, IPv6Address):
        return [(Per.ADDRESS, str(int(address) >> NETWORK_BITS))]
    return [(Per.ADDRESS, host)]


def by_caller(scope: Scope) -> Iterable[tuple[Per, str]]:
    """The token, and the account that it is for. A key is for many accounts, and counts as one account does."""
    caller, proof = scope["state"]["caller"], scope["state"]["proof"]
    if isinstance(caller, Bearer):
        return [(Per.TOKEN, proof), (Per.ACCOUNT, caller.account)]
    return [(Per.ACCOUNT, proof)]


def _told(standing: Standing) -> list[tuple[bytes, bytes]]:
    return [
        (b"ratelimit-limit", b"%d" % standing.limit),
        (b"ratelimit-remaining", b"%d" % standing.remaining),
        (b"ratelimit-reset", b"%d" % standing.reset_s),
    ]


class OpenStreams:
    """Streams that are open in this process, by token and by account."""

    def __init__(self, per_token: int, per_account: int) -> None:
        self._most = {Per.TOKEN: per_token, Per.ACCOUNT: per_account}
        self._open: Counter[tuple[Per, str]] = Counter()

    def enter(self, proof: str, account: str) -> Callable[[], None]:
        """One more; call what is returned when it ends. Raises `TooManyStreams`."""
        names = ((Per.TOKEN, proof), (Per.ACCOUNT, account))
        if any(self._open[name] >= self._most[name[0]] for name in names):
            raise TooManyStreams
        self._open.update(names)

        def leave() -> None:
            self._open.subtract(names)
            for name in names:
                if self._open[name] <= 0:
                    del self._open[name]

        return leave
