"""What the engine told of its decisions is not what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle.violations import Kind
from tests.oracle.mutations.making import flagged, is_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.mutations.making import Mutation
    from tests.oracle.tampering import Body, Tampering


def in_a_decision(find: Callable[[Body], Any], change: Callable[[Any], object]) -> Callable[[Tampering], None]:
    """Change what ``find`` says of the first decision of which it says something."""
    return _in("decisions", find, change)


def in_an_offer(find: Callable[[Body], Any], change: Callable[[Any], object]) -> Callable[[Tampering], None]:
    """The same of an offer that is told whole."""
    return _in("offers", lambda data: "offer" in data and find(data["offer"]), change)


def in_an_outcome(find: Callable[[Body], Any], change: Callable[[Any], object]) -> Callable[[Tampering], None]:
    """The same of a change of an offer, as it is told for analysis."""
    return _in("outcomes", lambda data: "change" in data and find(data), change)


def _in(topic: str, find: Callable[[Body], Any], change: Callable[[Any], object]) -> Callable[[Tampering], None]:
    def mutate(logs: Tampering) -> None:
        place = logs.first(topic, lambda body: bool(find(body["data"])))
        logs.edit(place, lambda body: change(find(body["data"])))

    return mutate


def first(items: list[Body], *names: str) -> Body | None:
    """The first item that has all of these."""
    return next((item for item in items if all(item.get(name) for name in names)), None)


def set_to(name: str, value: Any) -> Callable[[Body], object]:
    return lambda found: found.update({name: value})


def different(name: str, change: Callable[[Tampering], None]) -> Mutation:
    """A mutation under a name of its own that must be found as a difference."""
    return flagged(Kind.DIFFERENT)(_named(name, change))


def _named(name: str, change: Callable[[Tampering], None]) -> Callable[[Tampering], None]:
    change.__name__ = name
    return change


# --- decisions --------------------------------------------------------------------------------------


def candidate(*names: str) -> Callable[[Body], Body | None]:
    return lambda data: first(data["candidates"], *names)


FACTORS = different(
    "a_factor_is_off", in_a_decision(candidate("factors"), lambda one: one["factors"].update(match="7"))
)
SCORE = different("a_score_is_off", in_a_decision(candidate("score"), set_to("score", "0.000001")))
UNTIL = different(
    "a_reason_passes_at_another_time", in_a_decision(candidate("until"), set_to("until", "2030-01-01T00:00:00Z"))
)
TARGET = different(
    "it_was_about_something_else", in_a_decision(candidate("target", "reason"), set_to("target", "other"))
)
DETAIL = different("a_detail_is_another", in_a_decision(candidate("detail"), set_to("detail", "because")))
STAGE = different("it_came_further", in_a_decision(candidate("reason"), set_to("stage", "held_out")))
ATTEMPT = different(
    "an_attempt_is_another", in_a_decision(lambda data: data["attempt"] > 1 and data, set_to("attempt", 1))
)
HELD = different("what_is_held_is_not_told", in_a_decision(lambda data: data.get("held") and data, set_to("held", [])))
LEVELS = different("a_level_is_another", in_a_decision(lambda data: data["levels"], set_to("engagement", "bored")))
SEGMENTS = different("a_segment_is_missing", in_a_decision(lambda data: data["segments"], lambda found: found.pop()))
METERS = different("a_meter_stood_elsewhere", in_a_decision(lambda data: data["meters"], set_to("spend", "0.1")))
KNEW = different("it_knew_what_nobody_told", in_a_decision(lambda data: data["account"], set_to("health", "5")))
OPEN = different(
    "an_offer_was_open_that_was_not",
    in_a_decision(lambda data: data["account"], lambda account: account["open_offers"].append("another")),
)


def decided(verdict: str) -> Callable[[Body], bool]:
    return lambda body: body["data"].get("verdict") == verdict


@flagged(Kind.DIFFERENT)
def one_that_is_held_out_counts_as_offered(logs: Tampering) -> None:
    logs.edit(logs.first("decisions", decided("held_out")), lambda body: body["data"].update(verdict="offered"))


@flagged(Kind.MISSING)
def a_held_moment_was_never_decided_again(logs: Tampering) -> None:
    logs.drop(logs.first("decisions", lambda body: body["data"]["attempt"] > 1))


@flagged(Kind.MISSING, Kind.UNEXPECTED)
def two_moments_of_one_input_were_decided_apart(logs: Tampering) -> None:
    place = logs.first("decisions", lambda body: len(body["data"]["moments"]) > 1)
    logs.edit(place, lambda body: (body["data"]["moments"].pop(), body.update(id="of its own")))


# --- offers -----------------------------------------------------------------------------------------


def option(*names: str) -> Callable[[Body], Body | None]:
    return lambda offer: first(offer["options"], *names)


def evidence(*names: str) -> Callable[[Body], Body | None]:
    return lambda offer: first(offer["evidence"], *names)


SAVING = different(
    "a_saving_is_off_by_a_cent", in_an_offer(option("saving"), lambda one: one["saving"].update(amount="3.01"))
)
PERCENT_SAVED = different(
    "a_share_saved_is_off", in_an_offer(option("saving"), lambda one: one["saving"].update(percent="99"))
)
GAINS = different("it_gives_more", in_an_offer(option("gains"), lambda one: one["gains"][0].update(after="99")))
ITEMS = different("a_bundle_has_what_is_owned", in_an_offer(option("items"), lambda one: one["items"].append("cable")))
SEATS = different("it_is_one_seat_more", in_an_offer(option("quantity"), set_to("quantity", "99")))
MARKED = different("nothing_is_marked", in_an_offer(option("recommended"), set_to("recommended", value=False)))
SORT = different("it_is_of_another_sort", in_an_offer(option("sort"), set_to("sort", "toy")))
ORDER = different(
    "the_cheapest_stands_first", in_an_offer(lambda one: one["options"][1:] and one["options"], list[Any].reverse)
)
GREW = different("it_grew_by_another_share", in_an_offer(evidence("percent"), set_to("percent", "1")))
DATE = different("the_limit_comes_another_day", in_an_offer(evidence("date"), set_to("date", "2030-01-01")))
SURE = different("it_is_surer_than_it_can_be", in_an_offer(evidence("confidence"), set_to("confidence", "1")))
GROUP = different(
    "it_is_of_another_group", in_a_decision(lambda data: first(data["moments"], "group"), set_to("group", "x"))
)
ASKED = different(
    "what_it_asked_about_is_not_shown", in_an_offer(lambda one: one["evidence"][1:] and one["evidence"], list[Any].pop)
)
VARIANT = different(
    "it_has_the_words_of_another_variant", in_an_offer(lambda one: one.get("variant") and one, set_to("variant", "c"))
)
NOTE = different(
    "a_note_says_something_else", in_an_offer(lambda one: one.get("note") and one, set_to("note", "Hello"))
)
DUE = different(
    "a_task_is_due_later", in_an_offer(lambda one: one.get("due_at") and one, set_to("due_at", "2030-01-01T00:00:00Z"))
)
NO = different(
    "a_no_will_last_longer",
    in_an_offer(lambda one: one["after_a_no"].get("seconds") and one["after_a_no"], set_to("seconds", 1)),
)
USER = different("it_is_for_another_user", in_an_offer(lambda one: one.get("user") and one, set_to("user", "u-9")))


@flagged(Kind.UNEXPECTED)
def what_is_held_out_was_shown(logs: Tampering) -> None:
    hidden = logs.first("outcomes", lambda body: body["data"].get("held_out") is True)
    shown = next(p for p in logs.every("offers", is_type("offer_made")) if p.key[1] == hidden.key[1])
    account, offer_id = hidden.body["subject"], hidden.body["data"]["offer_id"]
    logs.insert(shown, shown.record._replace(key=account.encode()))
    after = next(p for p in logs.raw("offers") if p.key == shown.key and p.number == shown.number + 1)
    logs.edit(
        after, lambda body: (body.update(subject=account, id="x"), body["data"]["offer"].update(offer_id=offer_id))
    )


@flagged(Kind.MISSING)
def a_revocation_is_missing(logs: Tampering) -> None:
    logs.drop(logs.first("offers", is_type("offer_revoked")))


@flagged(Kind.DIFFERENT)
def it_was_taken_back_for_another_reason(logs: Tampering) -> None:
    logs.edit(logs.first("offers", is_type("offer_revoked")), lambda body: body["data"].update(reason="because"))


@flagged(Kind.MISSING)
def a_higher_step_was_not_told(logs: Tampering) -> None:
    logs.drop(logs.first("offers", is_type("offer_changed")))


# --- outcomes ---------------------------------------------------------------------------------------

HIDDEN = different(
    "what_was_shown_to_nobody_counts_as_shown",
    in_an_outcome(lambda one: one.get("held_out") and one, set_to("held_out", value=False)),
)
REPORT = different(
    "a_result_is_told_apart_wrongly", in_an_outcome(lambda one: one.get("report"), set_to("plan", "gold"))
)
WORDED = different(
    "an_outcome_has_another_variant", in_an_outcome(lambda one: one.get("variant") and one, set_to("variant", "c"))
)
THEN = different(
    "the_account_was_something_else_then", in_an_outcome(lambda one: one.get("levels"), set_to("engagement", "bored"))
)
