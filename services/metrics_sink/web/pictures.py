"""Pictures as inline SVG, drawn 360 units wide so that their words can be read on a telephone.

Each has a sentence that says what it shows; the table beside it (`page`) has every number.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 360
EDGE: Final = 4
"""Left free at both sides, for the ends of strokes."""

ROW: Final = 36
"""Height of a line of words with its bar or interval below."""


LETTERS: Final = 50
"""In a line of words: 12 units high, 7 wide on average. A longer name is cut; the table has it whole."""


@dataclass(frozen=True)
class Bar:
    """A line of words, and a bar of a share of the full width."""

    label: str
    value: str
    share: float
    look: str = "fill"


@dataclass(frozen=True)
class Interval:
    """A line of words, and all that something can be; None while it is not known yet."""

    label: str
    value: str
    bounds: tuple[float, float, float] | None
    look: str = "fill"


@dataclass(frozen=True)
class Line:
    """A series over time, from the first to the last; gaps are None."""

    name: str
    points: Sequence[float | None]
    look: str


def bars(says: str, rows: Sequence[Bar]) -> str:
    """Bars from the left, one below the other."""
    drawn: list[str] = []
    for number, row in enumerate(rows):
        top = number * ROW
        width = max(row.share * (WIDTH - 2 * EDGE), 1 if row.share else 0)
        drawn += [
            *_words(row.label, row.value, top),
            f'<rect class="track" x="{EDGE}" y="{top + 20}" width="{WIDTH - 2 * EDGE}" height="8" rx="2"/>',
            f'<rect class="{row.look}" x="{EDGE}" y="{top + 20}" width="{width:.1f}" height="8" rx="2"/>',
        ]
    return _svg(says, len(rows) * ROW, drawn)


def intervals(says: str, rows: Sequence[Interval]) -> str:
    """Intervals on one scale, with a line at 0."""
    known = [bound for row in rows if row.bounds for bound in row.bounds]
    low, high = min([*known, 0.0]), max([*known, 0.0])
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return EDGE + 4 + (value - low) / span * (WIDTH - 2 * EDGE - 8)

    height = len(rows) * ROW
    drawn: list[str] = []
    for number, row in enumerate(rows):
        top, middle = number * ROW, number * ROW + 25
        drawn += _words(row.label, row.value, top)
        if row.bounds is None:
            continue
        drawn.append(f'<line class="guide" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{top + 18}" y2="{top + 33}"/>')
        lower, estimate, upper = (x(bound) for bound in row.bounds)
        drawn += [
            f'<line class="reach {row.look}" x1="{lower:.1f}" x2="{upper:.1f}" y1="{middle}" y2="{middle}"/>',
            f'<circle class="{row.look}" cx="{estimate:.1f}" cy="{middle}" r="4"/>',
        ]
    return _svg(says, height, drawn)


def lines(says: str, months: Sequence[str], series: Sequence[Line], guides: Iterable[tuple[float, str]]) -> str:
    """Series over months, with named lines at some heights."""
    top, bottom, left, right = 10.0, 168.0, 44.0, WIDTH - 12.0
    marked = list(guides)
    known = [point for line in series for point in line.points if point is not None]
    low, high = min(known + [at for at, _ in marked]), max(known + [at for at, _ in marked])
    margin = (high - low or 0.1) * 0.08

    def y(value: float) -> float:
        return bottom - (value - low + margin) / (high - low + 2 * margin) * (bottom - top)

    def x(number: int) -> float:
        return (left + right) / 2 if len(months) == 1 else left + number / (len(months) - 1) * (right - left)

    drawn = []
    for at, name in marked:
        drawn.append(f'<line class="guide" x1="{left}" x2="{right}" y1="{y(at):.1f}" y2="{y(at):.1f}"/>')
        drawn.append(f'<text class="quiet end" x="{left - 6}" y="{y(at) + 4:.1f}">{escape(name)}</text>')
    for line in series:
        drawn += _drawn(line, x, y)
    every = -(-len(months) // 5)
    for number in range(len(months) - 1, -1, -every):
        place = "end" if number == len(months) - 1 and len(months) > 1 else "middle"
        at_x = right + 8 if place == "end" else x(number)
        drawn.append(f'<text class="quiet {place}" x="{at_x:.1f}" y="188">{escape(months[number])}</text>')
    return _svg(says, 196, drawn)


def _drawn(line: Line, x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    """A stroke through neighbours, and a dot for each."""
    dots: list[str] = []
    pieces: list[str] = []
    piece = ""
    for number, point in enumerate(line.points):
        if point is None:
            pieces, piece = [*pieces, piece], ""
            continue
        piece += f"{'L' if piece else 'M'}{x(number):.1f} {y(point):.1f}"
        dots.append(f'<circle class="{line.look}" cx="{x(number):.1f}" cy="{y(point):.1f}" r="3"/>')
    path = "".join([*pieces, piece])
    return [f'<path class="series {line.look}" d="{path}"/>', *dots]


def _words(label: str, value: str, top: int) -> list[str]:
    room = LETTERS - len(value)
    label = label if len(label) <= room else f"{label[: room - 1]}…"
    return [
        f'<text x="{EDGE}" y="{top + 13}">{escape(label)}</text>',
        f'<text class="quiet end" x="{WIDTH - EDGE}" y="{top + 13}">{escape(value)}</text>',
    ]


def _svg(says: str, height: int, drawn: Iterable[str]) -> str:
    return (
        f'<svg role="img" aria-label="{escape(says)}" viewBox="0 0 {WIDTH} {height}">'
        f"<title>{escape(says)}</title>{''.join(drawn)}</svg>"
    )
