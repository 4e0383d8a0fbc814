"""A condition: what it reads, and what it says of the values it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.trigger_engine.domain.conditions.cel import GIVEN, Program
from services.trigger_engine.domain.conditions.kinds import Kind, Value


class Truth(StrEnum):
    """Anything but true is a "no"; what is unknown stays so on both sides of ``not``."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition says. ``unknown`` are the names without a value; ``fault`` what else could not be worked out."""

    truth: Truth
    unknown: tuple[str, ...] = ()
    fault: str | None = None

    @property
    def holds(self) -> bool:
        """Whether it is true: the only yes."""
        return self.truth is Truth.TRUE

    @property
    def why(self) -> str:
        """Of an unknown: why, as in ``unknown: account.health``."""
        return f"{self.truth}: {self.fault or ', '.join(self.unknown)}"


TRUE = Verdict(Truth.TRUE)
FALSE = Verdict(Truth.FALSE)


@dataclass(frozen=True, slots=True)
class Read:
    """A name that a condition reads, as operators and as CEL write it; ``asked``: by ``known(...)`` alone."""

    name: str
    inner: str
    kind: Kind
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """``text`` as the operator wrote it. Two of the same text that read the same names are the same."""

    text: str
    inputs: tuple[Read, ...]
    program: Program = field(compare=False, repr=False)
    _plan: tuple[tuple[str, str, Callable[[Value | None], object], bool], ...] = field(
        init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        plan = tuple((read.name, read.inner, GIVEN[read.kind], read.asked) for read in self.inputs)
        object.__setattr__(self, "_plan", plan)  # gone through at every answer

    @property
    def reads(self) -> tuple[str, ...]:
        """The names that can change its answer, in the order written: what a watcher must watch."""
        return tuple(dict.fromkeys(read.name for read in self.inputs))

    def judge(self, values: Mapping[str, Value | None]) -> Verdict:
        """What it says of ``values``, by name; only the names that it reads are asked for.

        A value that is missing, None, or of another kind than declared is not known.
        """
        data: dict[str, object] = {}
        missing: list[str] = []
        for name, inner, given, asked in self._plan:
            value = given(values.get(name))
            if asked:
                data[inner] = value is not None
            elif value is not None:
                data[inner] = value
            else:
                missing.append(name)
        answer = self.program.ask(data)
        if isinstance(answer, bool):
            return TRUE if answer else FALSE
        return Verdict(Truth.UNKNOWN, tuple(missing), None if missing else answer)
