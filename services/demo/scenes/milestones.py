"""Moments of the kind milestone: for the first time ever."""

from schemas.responses import ResponseKind
from services.demo.acts import Act, Earns, Respond
from services.demo.scenes.things import bought, exported, on_plan, shared, signed


def exports_a_first_report() -> tuple[Act, ...]:
    """The second report is no news any more."""
    return (
        on_plan("free"),
        Earns(exported(), "report_insights"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.ACCEPTED),
        bought("insights"),
        exported(),
    )


def shares_widely() -> tuple[Act, ...]:
    """Sharing is what a team plan is for."""
    return (
        on_plan("free"),
        shared(12),
        Earns(shared(8), "team_plan"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.CLICKED),
    )


def signs_a_document() -> tuple[Act, ...]:
    """The offer is for the one user who signed."""
    return (on_plan("plus"), Earns(signed("maria"), "sign_more"), Respond(ResponseKind.PRESENTED))
