"""Whatever stands in a product document, reading it ends with a value or with problems, and never otherwise."""

from collections.abc import Iterator
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.playbook.document import Entry, Node, read
from services.trigger_engine.domain.playbook.problems import Place
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems
from tests.trigger_engine.domain.playbook.whole_product import SEGMENTS, WHOLE

ROOT: Final = read("product.yaml", WHOLE)
HERE: Final = Place("product.yaml", 1, 1)
Path = tuple[str | int, ...]


def paths(node: Node, above: Path = ()) -> Iterator[Path]:
    yield above
    if isinstance(node.value, dict):
        for key, entry in node.value.items():
            yield from paths(entry.node, (*above, key))
    elif isinstance(node.value, tuple):
        for at, item in enumerate(node.value):
            yield from paths(item, (*above, at))


def at(node: Node, path: Path) -> Node:
    for step in path:
        node = node.value[str(step)].node if isinstance(node.value, dict) else items_of(node)[int(step)]
    return node


def items_of(node: Node) -> tuple[Node, ...]:
    assert isinstance(node.value, tuple)
    return node.value


def with_another(node: Node, path: Path, other: Node) -> Node:
    """The tree with ``other`` at ``path``."""
    if not path:
        return other
    first, *rest = path
    if isinstance(node.value, dict):
        entry = node.value[str(first)]
        inside = with_another(entry.node, tuple(rest), other)
        return Node({**node.value, str(first): Entry(entry.key, entry.place, inside)}, node.place)
    items = enumerate(items_of(node))
    return Node(tuple(with_another(item, tuple(rest), other) if n == first else item for n, item in items), node.place)


def word(text: str) -> Node:
    return Node(text, HERE)


WORDS = st.sampled_from(
    [
        "",
        "x",
        "free",
        "any",
        "month",
        "3",
        "-1",
        "0",
        "1.5",
        "80%",
        "3x",
        "7d",
        "user",
        "true",
        "otherwise",
        "meters.a > 1",
    ]
)
OTHERS = st.recursive(
    WORDS.map(word),
    lambda inside: st.one_of(
        st.lists(inside, max_size=2).map(lambda items: Node(tuple(items), HERE)),
        st.dictionaries(WORDS, inside, max_size=2).map(
            lambda items: Node({key: Entry(key, HERE, node) for key, node in items.items()}, HERE)
        ),
    ),
    max_leaves=3,
)


@given(st.sampled_from(sorted(paths(ROOT), key=str)), OTHERS)
def test_any_part_may_be_anything(path: Path, other: Node) -> None:
    problems = Problems()
    product = read_product(with_another(ROOT, path, other), problems, SEGMENTS)
    assert all(problem.message for problem in problems.found)
    assert problems.found or product.plans


def without(node: Node, path: Path) -> Node:
    """The tree without what stands at ``path``."""
    *above, last = path
    parent = at(node, tuple(above))
    if isinstance(parent.value, dict):
        left = Node({key: entry for key, entry in parent.value.items() if key != last}, parent.place)
    else:
        left = Node(tuple(item for n, item in enumerate(items_of(parent)) if n != last), parent.place)
    return with_another(node, tuple(above), left)


@given(st.sampled_from(sorted((path for path in paths(ROOT) if path), key=str)))
def test_any_part_may_be_missing(path: Path) -> None:
    problems = Problems()
    product = read_product(without(ROOT, path), problems, SEGMENTS)
    assert problems.found or product.placements
