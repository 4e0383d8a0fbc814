"""How often somebody may ask: counted in this process, by token, account and address, and told in every answer."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from limits import RateLimitItem
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

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


class Windows(Storage):
    """Counts of windows, by the process's own clock. The library's own storage looks through all keys at each hit."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}
        self._clean_at = 0.0

    @property
    @override
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    @override
    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = self._now()
        if now >= self._clean_at:
            self._clean_at = now + CLEAN_S
            self._counts = {key: one for key, one in self._counts.items() if one[1] > now}
        count, ends = self._counts.get(key, (0, 0.0))
        count, ends = (count + amount, ends) if ends > now else (amount, now + expiry)
        self._counts[key] = (count, ends)
        return count

    @override
    def get(self, key: str) -> int:
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > self._now() else 0

    @override
    def get_expiry(self, key: str) -> float:
        return self._counts.get(key, (0, self._now()))[1]

    @override
    def check(self) -> bool:
        return True

    @override
    def reset(self) -> int:
        count = len(self._counts)
        self._counts = {}
        return count

    @override
    def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def _now(self) -> float:
        return self._clock.now_us() / US_PER_S


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """What is left of a window: requests, of how many, and the seconds until it begins anew."""

    remaining: int
    limit: int
    reset_s: int


class Rates:
    """One process's counts. ``limits``: how many requests in which time, by what is counted."""

    def __init__(self, limits: Mapping[Per, RateLimitItem], clock: Clock, metrics: Metrics) -> None:
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._strategy = FixedWindowRateLimiter(Windows(clock))

    def hit(self, per: Per, who: str) -> tuple[bool, Standing]:
        """Count one request; whether it is within bounds, and what is left."""
        item = self._limits[per]
        within = self._strategy.hit(item, per.value, who)
        stats = self._strategy.get_window_stats(item, per.value, who)
        left_s = max(1, round(stats.reset_time - self._clock.now_us() / US_PER_S))
        if not within:
            self._metrics.limited.labels(per).inc()
        return within, Standing(max(0, stats.remaining), item.amount, left_s)


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
        standings: list[Standing] = scope.setdefault("state", {}).setdefault("standings", [])

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(MutableHeaders(scope=message), min(standings))
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


def _tell(headers: MutableHeaders, standing: Standing) -> None:
    headers["ratelimit-limit"] = str(standing.limit)
    headers["ratelimit-remaining"] = str(standing.remaining)
    headers["ratelimit-reset"] = str(standing.reset_s)


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
