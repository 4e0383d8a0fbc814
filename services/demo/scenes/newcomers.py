"""Moments of the kind onboarding: left alone until the first steps are done."""

from schemas.decisions import Reason
from schemas.responses import ResponseKind
from services.demo.acts import Act, Earns, Respond, Withheld
from services.demo.scenes.things import did, on_plan, stored


def finds_its_way() -> tuple[Act, ...]:
    """Quiet on the way; at its end the better of the two that were earned."""
    return (
        on_plan("free"),
        did("workspace.created"),
        did("device.linked"),
        Withheld(stored("1.70"), "more_storage", Reason.ONBOARDING),
        Earns(did("member.invited"), "more_storage"),
        Respond(ResponseKind.PRESENTED),
    )


def does_it_in_another_order() -> tuple[Act, ...]:
    """The order of the steps does not matter."""
    return (
        on_plan("free"),
        did("member.invited"),
        did("workspace.created"),
        Earns(did("device.linked"), "photos_after_start"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.DISMISSED),
    )
