"""Moments of what people do again, and of what they try in vain."""

from schemas.decisions import Reason
from schemas.responses import ResponseKind
from services.demo.acts import Act, Earns, Respond, Withheld
from services.demo.scenes.things import created_projects, did, on_plan, shared_with


def shares_with_five() -> tuple[Act, ...]:
    """Five people in a week are a habit, however few the files."""
    return (
        on_plan("free"),
        *(shared_with(friend) for friend in ("ada", "bert", "carla", "dora")),
        shared_with("ada"),
        Earns(shared_with("emil"), "team_for_the_week"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.CLICKED),
    )


def tries_one_too_many() -> tuple[Act, ...]:
    """Somebody tries what the plan has no room for, and has said no to more room."""
    return (
        on_plan("free"),
        Earns(created_projects(3), "more_projects"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.DISMISSED),
        Withheld(did("project.create_blocked"), "more_projects", Reason.DISMISSED),
    )
