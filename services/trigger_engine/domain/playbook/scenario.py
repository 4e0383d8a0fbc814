"""A scenario: what happens to one account, and what it should be offered. The test of a playbook, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.responses import ResponseKind
from services.trigger_engine.domain.playbook.problems import Place

Scalar = str | Decimal | int | bool | None

NTH = "{n}"
"""In the texts of an event that happens many times: which time it is, from 1."""


@dataclass(frozen=True, slots=True)
class When:
    """A time: ``at_us`` in microseconds since 1970 UTC, or so long after the time of its step (before: below 0)."""

    after_us: int = 0
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Happens:
    """A usage event, ``times`` times, ``every_us`` apart, each ``late_us`` before it arrives; `NTH` in its texts."""

    place: Place
    event: str
    properties: Mapping[str, Scalar]
    user: str | None = None
    quantity: Decimal = Decimal(1)
    times: int = 1
    late_us: int = 0
    every_us: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """An account fact that holds since ``at``. ``type`` and ``data`` are those of the event, but for times in it."""

    place: Place
    type: str
    data: Mapping[str, Scalar | When | Mapping[str, Scalar]]
    at: When = When()


@dataclass(frozen=True, slots=True)
class Waits:
    """Time passes, and what is due happens: until ``until``."""

    place: Place
    until: When


@dataclass(frozen=True, slots=True)
class Responds:
    """Somebody does something with the open offer of this name."""

    place: Place
    response: ResponseKind
    offer: str
    user: str | None = None


class Came(StrEnum):
    """What can come to an offer."""

    MADE = "made"
    CHANGED = "changed"
    WITHHELD = "withheld"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen; of all but ``id``, None is whatever it was.

    ``price`` is an amount by its term, ``saving`` a share. ``gains`` tell by what each concerns how it changes, such as
    ``3 to 50``, or ``included`` for what is new.
    """

    id: str
    items: tuple[str, ...] | None = None
    quantity: Decimal | None = None
    price: Mapping[str, Decimal] | None = None
    saving: Decimal | None = None
    gains: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Expects:
    """What came since the last time something was expected.

    ``offer`` came to ``came``; None: nothing was offered. ``because`` is the reason why something was withheld or
    revoked, ``user`` whose offer it is, ``step`` the share that fired; of each, None is whatever it was. ``title`` and
    ``body`` are as they are shown, ``options`` what can be chosen, in order, ``mark`` the one shown as recommended.
    ``note`` is what the person is told who has a task.
    """

    place: Place
    came: Came | None
    offer: str | None = None
    because: str | None = None
    user: str | None = None
    step: Decimal | None = None
    title: str | None = None
    body: str | None = None
    options: tuple[Choice, ...] | None = None
    mark: str | None = None
    note: str | None = None


Step = Happens | Told | Waits | Responds | Expects
"""Closed: all that a scenario is made of."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story of one ``account`` (its id): it begins at ``start_us`` with ``given``, and goes on step by step."""

    name: str
    about: str | None
    account: str
    start_us: int
    given: tuple[Told, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Scenarios:
    """One document of scenarios: the test of one playbook."""

    playbook: str
    about: str | None
    scenarios: Mapping[str, Scenario]
