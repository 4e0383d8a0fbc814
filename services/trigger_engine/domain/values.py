"""What conditions read of an account, worked out when the first of them asks, and once."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from typing_extensions import override

from services.trigger_engine.domain import profile
from services.trigger_engine.domain.account import UserSlice
from services.trigger_engine.domain.conditions.condition import Condition, Truth, Verdict
from services.trigger_engine.domain.conditions.kinds import Value
from services.trigger_engine.domain.conditions.names import NOW, TOTAL, Scope
from services.trigger_engine.domain.playbook.product import UNLIMITED
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.standing import standing

INFINITE: Final = Decimal("Infinity")
"""What a limit without end is in conditions."""

METER: Final = f"{Scope.METERS}."
TOTAL_OF: Final = f"{TOTAL}({METER}"
"""How names of meters begin, and of what those kept in parts stand at for the whole account."""


def values_of(situation: Situation, user: str | None = None) -> "Values":
    """The values in this situation, for an offer to ``user`` where it is one user's: always the same object."""
    kept = situation.kept("values")
    found: Values | None = kept.get(user)
    if found is None:
        whole = None if user is None else values_of(situation)
        found = kept[user] = Values(situation, situation.user_of(user), whole)
    return found


class Values(Mapping[str, Value | None]):
    """Every name of conditions, in one situation; None is unknown.

    ``user``: whose the meters by user are; ``whole`` then has all else. What conditions say is worked out once, too.
    """

    def __init__(self, situation: Situation, user: UserSlice | None, whole: "Values | None" = None) -> None:
        self._situation = situation
        self._user = user
        self._whole = whole
        self._found: dict[str, Value | None] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._levels: dict[str, tuple[str | None, Verdict]] = {}

    # --- what conditions say --------------------------------------------------------------------

    def judge(self, condition: Condition) -> Verdict:
        """What the condition says here; each text is asked once."""
        verdict = self._verdicts.get(condition.text)
        if verdict is None:
            verdict = self._verdicts[condition.text] = condition.judge(self)
        return verdict

    def missing(self, verdict: Verdict) -> tuple[str, ...]:
        """What the answer waits for: the names that nobody knows, of a segment or a level those that it waits for."""
        return tuple(dict.fromkeys(name for asked in verdict.unknown for name in self._behind(asked)))

    def level(self, name: str) -> tuple[str | None, Verdict]:
        """What the account is put down as; None, with the verdict that says why, when that is unknown."""
        if self._whole is not None:
            return self._whole.level(name)
        found = self._levels.get(name)
        if found is None:
            found = self._levels[name] = self._situation.rules.product.levels[name].judge(self)
        return found

    def levels(self) -> dict[str, str]:
        """All that the account is put down as, by level, as far as known."""
        found = {name: self.level(name)[0] for name in self._situation.rules.product.levels}
        return {name: value for name, value in found.items() if value is not None}

    def segments(self) -> tuple[str, ...]:
        """The segments that it is in, of all playbooks."""
        return tuple(name for name, asks in self._situation.rules.segments.items() if self.judge(asks).holds)

    def in_use(self, thing: str) -> Verdict:
        """Whether a product or a feature counts as used; it needs to say when."""
        return self.judge(self._situation.rules.product.in_use[thing])

    def _behind(self, name: str) -> tuple[str, ...]:
        rules = self._situation.rules
        if name in rules.segments:
            return self.missing(self.judge(rules.segments[name]))
        level = name.partition(".")[0]
        return self.missing(self.level(level)[1]) if level in rules.product.levels else (name,)

    # --- what they read -------------------------------------------------------------------------

    @override
    def get(self, key: str, default: object = None) -> Value | None:
        if key not in self._found:
            self._found[key] = self._find(key)
        return self._found[key]

    @override
    def __getitem__(self, key: str) -> Value | None:
        return self.get(key)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    @override
    def __len__(self) -> int:
        return len(self._found)

    def _find(self, name: str) -> Value | None:
        scope, _, rest = name.partition(".")
        if self._whole is not None and scope != Scope.METERS:
            return self._whole.get(name)
        if name.startswith(TOTAL_OF):
            return self._meter(rest.removesuffix(")"), whole=True)
        match scope:
            case Scope.ACCOUNT:
                built_in = profile.BUILT_IN.get(rest)
                return profile.fact(rest, self._situation) if built_in is None else built_in(self._situation)
            case Scope.METERS:
                return self._meter(rest, whole=False)
            case Scope.LIMIT:
                limit = self._situation.account.limit(rest, self._situation.rules.product)
                return INFINITE if limit == UNLIMITED else limit
            case _:
                return self._situation.now if name == NOW else self._flag(name, scope, rest)

    def _flag(self, name: str, level: str, value: str) -> bool | None:
        """A segment, or one value of a level."""
        segment = self._situation.rules.segments.get(name)
        if segment is not None:
            return _truth(self.judge(segment))
        known, _ = self.level(level)
        return None if known is None else known == value

    def _meter(self, name: str, *, whole: bool) -> Decimal | None:
        situation = self._situation
        meter = situation.rules.product.meters[name]
        if self._whole is not None and meter.of_account:
            return self._whole._meter(name, whole=whole)  # noqa: SLF001  - of the same class
        holder = situation.account if whole or meter.of_account else self._user
        found = None if holder is None else standing(meter, holder, situation)
        return None if found is None else found.value


def _truth(verdict: Verdict) -> bool | None:
    return None if verdict.truth is Truth.UNKNOWN else verdict.holds
