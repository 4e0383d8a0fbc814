"""What conditions read of an account, under the names that they have for it. None is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from oracle import days
from oracle.conditions.condition import Verdict
from oracle.deciding import prices
from oracle.ids import Part
from oracle.language.meter import USERS
from oracle.language.sold import UNLIMITED
from oracle.moments import state as kept

if TYPE_CHECKING:
    from oracle.conditions.condition import Condition, Told
    from oracle.detecting.scene import Scene

INFINITE: Final = Decimal("Infinity")
HOLDS: Final = Verdict(truth=True)
BEGUN: Final = (kept.Onboarding, kept.OrderedOnboarding)
FURTHEST: Final = ("started", "abandoned", "completed", "not_started")
"""Of several onboardings the first of these that one of them has come to."""


class Values(Mapping[str, "Told"]):
    """Every name of conditions, for an account, or for an offer to one ``user`` of it. Worked out anew by each."""

    def __init__(self, scene: Scene, user: str | None = None) -> None:
        self._scene = scene
        self._user = user
        self._found: dict[str, Told] = {}

    # --- what conditions say --------------------------------------------------------------------

    def judge(self, condition: Condition) -> Verdict:
        """What a condition says."""
        return condition.judge(self)

    def level(self, name: str) -> tuple[str | None, Verdict]:
        """What the account is put down as: the first that holds. While one before it is unknown, so is it."""
        level = self._scene.rules.product.levels[name]
        for word, condition in level.rungs.items():
            verdict = self.judge(condition)
            if verdict.truth is not False:
                return (word if verdict.holds else None), verdict
        return level.otherwise, HOLDS

    def levels(self) -> dict[str, str]:
        """All that the account is put down as, as far as known."""
        found = {name: self.level(name)[0] for name in self._scene.rules.product.levels}
        return {name: word for name, word in found.items() if word is not None}

    def segments(self) -> list[str]:
        """The segments that it is in, of all playbooks."""
        return [name for name, condition in self._scene.rules.segments.items() if self.judge(condition).holds]

    def missing(self, verdict: Verdict) -> list[str]:
        """The names that nobody knows; of a segment or a level those that it waits for."""
        found: dict[str, None] = {}
        for name in verdict.unknown:
            found |= dict.fromkeys(self._behind(name))
        return list(found)

    def _behind(self, name: str) -> list[str]:
        segment, level = self._scene.rules.segments.get(name), name.partition(".")[0]
        if segment is not None:
            return self.missing(self.judge(segment))
        return self.missing(self.level(level)[1]) if level in self._scene.rules.product.levels else [name]

    # --- what they read -------------------------------------------------------------------------

    @override
    def get(self, key: str, default: object = None) -> Told:
        if key not in self._found:
            self._found[key] = self._find(key)
        return self._found[key]

    @override
    def __getitem__(self, key: str) -> Told:
        return self.get(key)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    @override
    def __len__(self) -> int:
        return len(self._found)

    def _find(self, name: str) -> Told:
        scene = self._scene
        scope, _, rest = name.partition(".")
        match scope:
            case "now":
                return scene.now
            case "account":
                return of_account(rest, scene)
            case "meters" | "total(meters":
                return self._meter(rest.removesuffix(")"), whole=scope != "meters")
            case "limit":
                limit = scene.account.limit(rest, scene.rules.product)
                return INFINITE if limit == UNLIMITED else limit
            case _:
                return self._truth(name)

    def _truth(self, name: str) -> bool | None:
        """Whether the account is in a segment, or put down as a level's word."""
        segment, (level, _, rest) = self._scene.rules.segments.get(name), name.partition(".")
        if segment is not None:
            return self.judge(segment).truth
        word, _ = self.level(level)
        return None if word is None else word == rest

    def _meter(self, name: str, *, whole: bool) -> Decimal | None:
        scene = self._scene
        meter = scene.rules.meters[name]
        if whole or meter.of_account:
            found = scene.stands(meter, scene.account)
        else:
            found = None if self._user is None else scene.stands(meter, scene.holder(Part(self._user)))
        return None if found is None else found.value


# --- account.* ------------------------------------------------------------------------------------------


def of_account(name: str, scene: Scene) -> Told:  # noqa: C901, PLR0911, PLR0912 - one branch a name, as the table of the docs
    """What stands under ``account.NAME``."""
    account, product = scene.account, scene.rules.product
    match name:
        case "id":
            return scene.id
        case "created" | "plan_since" | "term_since":
            return scene.since_when(name)
        case "age":
            since = scene.began
            return None if since is None else max(0, scene.now - since)
        case "plan":
            return account.plan(product)
        case "term_ends":
            return term_at(scene, scene.now)[1]
        case "seats":
            return account.seats()
        case "price":
            whole = prices.whole(account, product)
            return None if whole is None else prices.told(whole)
        case "owned":
            return tuple(account.owned())
        case "term" | "locale" | "zone":
            return account.text(name)
        case "open_tickets":
            return sum(slot.startswith("ticket:") and known.value is True for slot, known in account.facts.items())
        case "onboarding":
            return _onboarding(scene)
        case "cancelling" | "payment_failed":
            return account.told(name) is True
        case "user_count":
            users = scene.stands(USERS, account) if USERS.key in scene.rules.meter_keys else None
            return None if users is None else int(users.value)
        case _:
            return _fact(name, scene)


def term_at(scene: Scene, at: int) -> tuple[int | None, int | None]:
    """When the term that runs at ``at`` began, and ends. Unless somebody says so it goes on for one more."""
    since, months = scene.account.since.get("term"), scene.rules.product.terms.get(scene.account.term() or "")
    if since is None or months is None:
        return None, None
    clocks, count = scene.account.clocks(), 1
    begins, ends = since, days.add_months(since, months, clocks)
    while ends <= at and ends < days.LATEST:
        count += 1
        begins, ends = ends, days.add_months(since, count * months, clocks)
    return begins, ends


def _onboarding(scene: Scene) -> str | None:
    word = scene.account.text("onboarding")
    if word is not None:
        return word
    found = []
    for moment in scene.rules.onboardings:
        if moment.of == "account":
            state = scene.account.moments.get(moment.name)
            since = scene.could_begin(moment)
            is_older = since is not None and since < scene.since(moment.name)
            blank = "completed" if is_older else "not_started"
            found.append(state.status if isinstance(state, BEGUN) else blank)
    return next((status for status in FURTHEST if status in found), None)


def _fact(name: str, scene: Scene) -> Told:
    """A declared fact: what was told last; its default while that is nothing."""
    known = scene.account.facts.get(f"attribute:{name}")
    told: Told = None
    if known is not None:
        told = known.number if known.number is not None else known.value if isinstance(known.value, str | int) else None
    return scene.rules.product.facts[name][1] if told is None else told
