"""Everything that may go wrong with an engine, done to the logs of a run that was right."""

from typing import Final

from tests.oracle.mutations import inputs, journal, rules, state, told
from tests.oracle.mutations.making import Mutation, mutations_of

AREAS: Final = (inputs, told, rules, journal, state)
MUTATIONS: Final[dict[str, Mutation]] = {
    name: mutation for area in AREAS for name, mutation in mutations_of(area).items()
}
