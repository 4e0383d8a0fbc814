"""Moments of the kind limit: 80, 90 and 100 % of what a plan allows."""

from schemas.responses import ResponseKind
from services.demo.acts import Act, Earns, Gone, Respond, Send
from services.demo.scenes.things import changed_to, created_projects, downloaded, on_plan, stored


def climbs_and_upgrades() -> tuple[Act, ...]:
    """The open offer follows the usage from step to step, and is taken at the top."""
    return (
        on_plan("free"),
        stored("0.90"),
        Earns(stored("0.72"), "more_storage"),  # 1.62 of 2 GB
        Respond(ResponseKind.PRESENTED),
        Earns(stored("0.20"), "more_storage"),  # 1.82
        Earns(stored("0.25"), "more_storage"),  # 2.07
        Respond(ResponseKind.CLICKED),
        Respond(ResponseKind.ACCEPTED),
        Gone(),
        changed_to("plus"),
    )


def says_no_until_it_matters_more() -> tuple[Act, ...]:
    """A no holds until a higher step."""
    return (
        on_plan("free"),
        Earns(stored("1.65"), "more_storage"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.DISMISSED),
        Gone(),
        stored("0.10"),
        Earns(stored("0.30"), "more_storage"),  # 2.05: 100 % is a higher step than 80 %
        Respond(ResponseKind.PRESENTED),
    )


def jumps_over_all_steps() -> tuple[Act, ...]:
    """One large upload passes every step: the highest fires, once."""
    return (on_plan("free"), Earns(stored("2.40"), "more_storage"), Respond(ResponseKind.PRESENTED))


def has_no_plan_above() -> tuple[Act, ...]:
    """Nothing is above plus on its ladder, so capacity is offered."""
    return (on_plan("plus"), stored("1200"), Earns(stored("450"), "extra_terabyte"), Respond(ResponseKind.PRESENTED))


def starts_the_last_project() -> tuple[Act, ...]:
    """At the limit, and not one past it."""
    return (
        on_plan("free"),
        created_projects(2),
        Earns(created_projects(1), "more_projects"),
        Respond(ResponseKind.PRESENTED),
        Respond(ResponseKind.CLICKED),
    )


def serves_many_downloads(period: Send) -> tuple[Act, ...]:
    """A meter that begins anew with each billing period, which billing announces."""
    return (on_plan("free"), period, Earns(downloaded("4.20"), "more_transfer"), Respond(ResponseKind.SNOOZED), Gone())
