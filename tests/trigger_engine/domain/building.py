"""A small product, and a bench to let things happen to its accounts."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from schemas.codec import encode
from schemas.decisions import Decided, Decision
from schemas.offers import Offer, OfferChanged, OfferMade
from schemas.responses import Responded, ResponseData, ResponseKind
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Reached
from services.trigger_engine.domain.core import Core, Due
from services.trigger_engine.domain.inputs import Clocks, Origin, Property, Usage
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.packing import ENCODER
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from schemas.envelope import Envelope
    from schemas.facts import Fact

S: Final = 1_000_000
H: Final = 3_600 * S
D: Final = 24 * H
T0: Final = 1_772_355_600 * S
"""2026-03-01 09:00 UTC."""

ACME: Final = "acme"
E = TypeVar("E", bound="Envelope")

PRODUCT: Final = """
product: files
currency: USD
default_plan: free
events:
  file.stored: {size_gb: number}
  file.shared: {}
  report.exported: {}
  task.ran: {}
  project.created: {}
  project.deleted: {}
  member.invited: {}
  document.signed: {}
meters:
  storage_gb: {sum: size_gb, of: file.stored}
  projects: {count: project.created, less: project.deleted}
  exports: {count: report.exported}
  shares: {count: file.shared}
  tasks: {count: task.ran, over: billing_period}
  signatures: {count: document.signed, by: user}
plans:
  - {id: free, price: 0, limits: {storage_gb: 10, projects: 3, tasks: 100}}
  - {id: plus, price: {month: 10, year: 96.10}, limits: {storage_gb: 2000, projects: 3, tasks: 100}, features: [roles]}
  - {id: team, price: {month: 18, year: 180}, per: seat, limits: {storage_gb: {per_seat: 1000}, tasks: 1000}}
  - {id: enterprise, price: {year: 6000}, limits: {storage_gb: unlimited, tasks: unlimited}, features: [roles, audit]}
  - {id: relic, price: {month: 1}, limits: {storage_gb: 1}}
ladders:
  personal: [free, plus]
  work: [free, team, enterprise]
products:
  - {id: photos, price: {month: 4}}
  - {id: cable, price: {once: 12}}
  - {id: room, price: {month: 3}, adds: {storage_gb: 1000}}
placements: [banner, modal, upgrade_page]
"""

FULL: Final = "storage_full: {limit: storage_gb, at: [80%, 90%, 100%]}"
REPORT: Final = "first_report: {milestone: exports, reaches: 1}"
MORE: Final = "more: {on: [storage_full], upgrade_to: next on personal}"
PHOTOS: Final = "photos_offer: {on: [first_report], add: photos}"


def playbook(moments: Iterable[str], offers: Iterable[str]) -> str:
    """A playbook of these moments and offers, each one line."""
    return "\n".join(
        ["playbook: story", "moments:", *(f"  {m}" for m in moments), "offers:", *(f"  {o}" for o in offers)]
    )


@lru_cache(maxsize=256)
def compiled(*texts: str) -> CompiledSet:
    """The set that these documents make, as version 7."""
    return compile_set([(f"{place}.yaml", text) for place, text in enumerate(texts)], 7)


def rules(moments: Iterable[str], offers: Iterable[str], guardrails: str = "", product: str = PRODUCT) -> CompiledSet:
    """The small product with these guardrails, moments and offers."""
    told = f"{product}guardrails: {guardrails}\n" if guardrails else product
    return compiled(told, playbook(moments, offers))


class Bench:
    """A core with the slices of its accounts, and a clock that stands unless it is set."""

    def __init__(self, rules: CompiledSet) -> None:
        self.core = Core(rules)
        self.accounts: dict[str, AccountSlice] = {}
        self.users: dict[tuple[str, str], UserSlice] = {}
        self.groups: dict[tuple[str, str, str], UserSlice] = {}
        self.bounds = Reached()
        self.now = T0
        self.floor = 0
        self.told: list[Envelope] = []
        self._sent: Counter[str] = Counter()

    # --- what the core asks for -----------------------------------------------------------------

    def account(self, account: str) -> AccountSlice:
        return self.accounts.setdefault(account, AccountSlice())

    def user(self, account: str, user: str) -> UserSlice:
        return self.users.setdefault((account, user), UserSlice())

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        return self.groups.setdefault((account, prop, value), UserSlice())

    def erase(self, account: str, at: int) -> None:
        del at
        self.accounts.pop(account, None)
        for key in [key for key in self.users if key[0] == account]:
            del self.users[key]
        for group in [group for group in self.groups if group[0] == account]:
            del self.groups[group]

    # --- what happens ---------------------------------------------------------------------------

    def use(
        self,
        event: str,
        *,
        account: str = ACME,
        user: str | None = None,
        at: int | None = None,
        quantity: int | str | Decimal = 1,
        **properties: Any,
    ) -> list[Envelope]:
        """A usage event."""
        exact: dict[str, Property] = {n: Decimal(v) if type(v) is int else v for n, v in properties.items()}
        used = Usage(
            source="test",
            id=self._id(account),
            type=event,
            account=account,
            at=self.now if at is None else at,
            user=user,
            quantity=Decimal(quantity),
            properties=exact,
        )
        return self._tell(self.core.on_usage(self, used, self._origin("usage"), self.clocks))

    def store(self, size_gb: int | str, account: str = ACME, at: int | None = None) -> list[Envelope]:
        """A file of so many GB."""
        return self.use("file.stored", account=account, at=at, size_gb=Decimal(size_gb))

    def fact(self, event: Fact) -> list[Envelope]:
        """A fact as it came."""
        return self._tell(self.core.on_fact(self, event, self._origin("usage"), self.clocks))

    def tell(
        self, kind: type[Any], *, account: str = ACME, at: int | None = None, fact_id: str | None = None, **data: Any
    ) -> list[Envelope]:
        """A fact of ``kind`` with ``data``."""
        return self.fact(
            fact(kind, account=account, at=self.now if at is None else at, fact_id=fact_id or self._id(account), **data)
        )

    def respond(
        self, offer: str, response: str, *, account: str = ACME, at: int | None = None, user: str | None = None
    ) -> list[Envelope]:
        """A person does something with an offer."""
        event = Responded(
            id=self._id(account),
            source="web",
            type="rung.responded",
            subject=account,
            time=to_datetime(self.now if at is None else at),
            data=ResponseData(offer=offer, response=ResponseKind(response), user=user),
        )
        return self.judge(event)

    def judge(self, response: Responded) -> list[Envelope]:
        """A response as it came."""
        return self._tell(self.core.on_response(self, response, self._origin("responses"), self.clocks))

    def wait(self, us: int) -> list[Envelope]:
        """Time passes, for everybody; what is due happens."""
        self.now += us
        events: list[Envelope] = []
        while (timer := self._next_timer()) is not None and timer[0] <= self.now:
            at, account, part = timer
            events.extend(self.core.on_timer(self, Due(account, part, at), Origin("timer", 0), self.clocks))
        return self._tell(events)

    def _next_timer(self) -> tuple[int, str, Part | None] | None:
        """When the next is due, and whose it is; at one time the account's own goes first."""
        timers = [
            (due, account, part)
            for account, part, state in self.slices()
            if (due := self.core.due(self.account(account), state)) is not None
        ]
        return min(timers, key=lambda timer: timer[:2], default=None)

    def slices(self) -> list[tuple[str, Part | None, AccountSlice | UserSlice]]:
        """All that is kept, with whose it is."""
        return [
            *((account, None, state) for account, state in sorted(self.accounts.items())),
            *((account, Part(value, prop), state) for (account, prop, value), state in sorted(self.groups.items())),
            *((account, Part(user), state) for (account, user), state in sorted(self.users.items())),
        ]

    def due(self, account: str = ACME) -> int | None:
        """When the account's own slice is next due."""
        return self.core.due(self.account(account), self.account(account))

    @property
    def clocks(self) -> Clocks:
        """What time it is."""
        return Clocks(self.now, self.floor)

    def state(self) -> bytes:
        """All that is known, as bytes."""
        return ENCODER.encode(self.slices())

    def _id(self, account: str) -> str:
        self._sent[account] += 1
        return f"e-{self._sent[account]}"

    def _origin(self, stream: str) -> Origin:
        return Origin(stream, 0, self._sent.total())

    def _tell(self, events: list[Envelope]) -> list[Envelope]:
        """Whatever is told in any test is what a reader takes it for: nobody looked at it when it was made."""
        for event in events:
            assert repr(type(event).model_validate(event.model_dump())) == repr(event)
        self.told.extend(events)
        return events


def fact(kind: type[Any], *, account: str = ACME, at: int = T0, fact_id: str = "f-1", **data: Any) -> Any:
    """A fact event."""
    body = {"data": data} if data else {}
    kept = {"id": fact_id, "source": "billing", "specversion": "1.0", "type": kind.model_fields["type"].default}
    return kind.model_validate({**kept, "subject": account, "time": to_datetime(at), **body})


def only(kind: type[E], events: Iterable[Envelope]) -> E:
    """The one event of this kind."""
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def decision(events: Iterable[Envelope]) -> Decision:
    """The one decision."""
    return only(Decided, events).data


def offer(events: Iterable[Envelope]) -> Offer:
    """The one offer made or changed."""
    (found,) = [event.data.offer for event in events if isinstance(event, OfferMade | OfferChanged)]
    return found


def reason(events: Iterable[Envelope]) -> str | None:
    """Why nothing was offered; None when something was."""
    told = decision(events).reason
    return None if told is None else told.value


def wire(events: Iterable[Envelope]) -> list[bytes]:
    """Events as they travel."""
    return [encode(event)[0] for event in events]


def dumped(model: BaseModel) -> dict[str, Any]:
    """A message as plain values."""
    return model.model_dump(mode="json", exclude_none=True)
