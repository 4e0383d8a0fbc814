"""One story for each reason to offer nothing; being outscored shows in every decision that two offers compete in."""

from decimal import Decimal

from schemas.decisions import Reason
from schemas.responses import ResponseKind
from services.demo.acts import Act, Broken, Earns, Respond, Send, Withheld
from services.demo.scenes.things import bought, created_projects, did, exported, on_plan, shared, stood_at, stored

MINUTES_45_S = 45 * 60
"""Longer than the 30 min after which a first report is old news."""


def was_offline() -> tuple[Act, ...]:
    """A laptop tells only now what happened a while ago."""
    return (on_plan("free"), Withheld(exported(MINUTES_45_S), "report_insights", Reason.STALE))


def has_it_already() -> tuple[Act, ...]:
    """What is owned is not offered."""
    return (on_plan("plus"), bought("insights"), Withheld(exported(), "report_insights", Reason.OWNED))


def is_at_the_top(as_of: str) -> tuple[Act, ...]:
    """Nothing is above plus on the personal ladder."""
    return (
        on_plan("plus"),
        stood_at("projects", "49", as_of),
        Withheld(created_projects(1), "more_projects", Reason.TOP_RUNG),
    )


def would_have_to_jump(as_of: str) -> tuple[Act, ...]:
    """From free to enterprise is more than one rung."""
    return (
        on_plan("free"),
        stood_at("shares", "99", as_of),
        Withheld(shared(), "audit_for_enterprise", Reason.NOT_ADJACENT),
    )


def is_on_another_ladder(as_of: str) -> tuple[Act, ...]:
    """No ladder leads from plus to enterprise."""
    return (
        on_plan("plus"),
        stood_at("shares", "99", as_of),
        Withheld(shared(), "audit_for_enterprise", Reason.NOT_ON_LADDER),
    )


def has_more_than_the_next_plan() -> tuple[Act, ...]:
    """A limit of its own, above what the next plan would give."""
    return (
        on_plan("free"),
        Send("rung.limit_set", {"meter": "storage_gb", "value": Decimal(3000)}),
        bought("more_storage_1tb"),
        Withheld(stored("2450"), "more_storage", Reason.LIFTS_NOTHING),
    )


def is_a_stranger() -> tuple[Act, ...]:
    """No fact has told its plan."""
    return (shared(9), Withheld(shared(11), "team_plan", Reason.UNKNOWN))


def waits_for_help() -> tuple[Act, ...]:
    """While a ticket is open, and a day after."""
    return (
        on_plan("free"),
        Send("rung.ticket_opened", {"ticket": "4411"}),
        Withheld(stored("1.63"), "more_storage", Reason.OPEN_TICKET),
        Send("rung.ticket_closed", {"ticket": "4411"}),
        Withheld(stored("0.20"), "more_storage", Reason.OPEN_TICKET),
    )


def could_not_pay() -> tuple[Act, ...]:
    """A failed payment is no time to sell."""
    return (
        on_plan("plus"),
        did("rung.payment_failed"),
        Withheld(stored("1650"), "extra_terabyte", Reason.PAYMENT_FAILED),
    )


def is_about_to_leave() -> tuple[Act, ...]:
    """Nor is a cancellation."""
    return (
        on_plan("team", seats=5),
        did("rung.cancel_requested"),
        Withheld(exported(), "report_insights", Reason.CANCELLING),
    )


def has_heard_enough() -> tuple[Act, ...]:
    """Two offers a week, and not a third."""
    return (
        on_plan("free"),
        Earns(stored("1.70"), "more_storage"),
        Earns(exported(), "report_insights"),
        Withheld(shared(20), "team_plan", Reason.CAPPED),
    )


def said_no() -> tuple[Act, ...]:
    """A no closes the family, not only the one offer."""
    return (
        on_plan("team", seats=4),
        Earns(shared(20), "team_plan"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.DISMISSED),
        Withheld(shared(80), "audit_for_enterprise", Reason.DISMISSED),
    )


def has_the_place_taken() -> tuple[Act, ...]:
    """One offer at a time in each place."""
    return (
        on_plan("free"),
        Earns(stored("1.64"), "more_storage"),
        Withheld(created_projects(3), "more_projects", Reason.PLACEMENT_TAKEN),
    )


def is_garbled() -> tuple[Act, ...]:
    """A message that was cut off on its way; its neighbours go on."""
    return (
        on_plan("free"),
        Broken(b'{"specversion": "1.0", "type": "file.stored", "subject": "'),
        Earns(stored("1.66"), "more_storage"),
    )
