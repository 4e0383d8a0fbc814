"""A playbook's own guardrails may be as strict as everybody's, or stricter."""

import pytest

from services.trigger_engine.domain.playbook.guardrails import BackOff, PriceStep
from tests.trigger_engine.domain.building import D, playbook
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK, faults, reading

REPORTED = playbook(["reported: {milestone: exports, reaches: 1}"], ["it: {on: [reported], add: photos}"])


@pytest.mark.parametrize(
    "own",
    [
        pytest.param("{quiet_when: [{open_ticket: 24h}]}", id="as long quiet"),
        pytest.param("{quiet_when: [cancelling]}", id="quiet in one more state"),
        pytest.param("{quiet_when: [{not engagement.high: 2d}]}", id="as long quiet for a level"),
        pytest.param("{not_before: {account.age: 3d}}", id="as late"),
        pytest.param("{not_before: {meters.tasks: 1}}", id="one more threshold"),
        pytest.param("{caps: [{at_most: 1, per: 4h}]}", id="as few"),
        pytest.param("{caps: [{at_most: 9, per: 4h, each: offer}]}", id="any number for each of something else"),
        pytest.param("{caps: [{at_most: 9, per: 5h}]}", id="as many as one likes in another time"),
        pytest.param("{caps: [{at_most: 9, per: 4h, of: task}]}", id="as many as one likes of another verb"),
        pytest.param("{caps: [{at_most: 9, per: 4h, for: size.large}]}", id="as many as one likes for some"),
        pytest.param("{back_off: {after: 3, wait: 14d}}", id="as soon and as long backed off"),
        pytest.param("{price_step: 3x, first_price: 20}", id="as steep"),
    ],
)
def test_what_is_as_strict_or_something_else_is_no_loosening(own: str) -> None:
    assert faults(f"{REPORTED}\nguardrails: {own}") == []


@pytest.mark.parametrize(
    ("own", "key"),
    [
        pytest.param("{quiet_when: [{not engagement.high: 1d}]}", "quiet_when", id="quiet for less, of a level"),
        pytest.param("{quiet_when: [open_ticket]}", "quiet_when", id="no cool-down at all"),
        pytest.param("{not_before: {meters.exports: 0.5}}", "not_before", id="less of a meter"),
        pytest.param("{caps: [{at_most: 3, per: 30d, each: user}]}", "caps", id="more for each user"),
        pytest.param("{caps: [{at_most: 2, per: 14d, of: highlight, for: new_premium}]}", "caps", id="more of a verb"),
    ],
)
def test_what_is_less_strict_is_told_at_its_key(own: str, key: str) -> None:
    segments = "segments: {new_premium: account.plan == 'plus'}"
    _, problems = reading(f"{REPORTED}\n{segments}\nguardrails: {own}")
    (problem,) = problems.found
    assert (problem.rule, problem.width) == ("loosens", len(key))


def test_what_is_stricter_is_read() -> None:
    own, _ = reading(
        PLAYBOOK.replace("price_step: 2x", "price_step: 2x\n  first_price: 15\n  back_off: {after: 2, wait: 30d}")
    )
    assert own.guardrails.back_off == BackOff(2, 30 * D)
    assert own.guardrails.price_step == PriceStep(2, 15)  # type: ignore[arg-type]  # whole numbers, for the eye


def test_a_playbook_without_guardrails_has_none_of_its_own() -> None:
    own, _ = reading(REPORTED)
    assert (own.guardrails.caps, own.guardrails.quiet, own.guardrails.back_off) == ((), {}, None)
