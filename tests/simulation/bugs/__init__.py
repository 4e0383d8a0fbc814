"""Shells with a bug in them, by name. Each is to be found by the simulation, or the simulation is worth nothing."""

from typing import Final

from tests.simulation.bugs import commits, memories, outside, owners, restores
from tests.simulation.shell import Shell

BUGS: Final[dict[str, type[Shell]]] = {
    **owners.BUGS,
    **commits.BUGS,
    **outside.BUGS,
    **restores.BUGS,
    **memories.BUGS,
}
