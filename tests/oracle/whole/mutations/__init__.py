"""Everything that may go wrong with an engine that carries out the whole language."""

from typing import Final

from tests.oracle.mutations.making import Mutation, mutations_of
from tests.oracle.whole.mutations import kept, rules, ticks, told

MUTATIONS: Final[dict[str, Mutation]] = {
    **mutations_of(told),
    **mutations_of(kept),
    **mutations_of(ticks),
    **rules.MUTATIONS,
}
