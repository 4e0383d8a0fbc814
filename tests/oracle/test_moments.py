"""Every kind of moment as the oracle finds it, against the engine: the same state to the byte, and the same firing."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from msgspec import msgpack

from oracle import days
from oracle.language import moment as written
from oracle.meters.counting import Reading as OurReading
from oracle.moments import events, limits, onboarding, others, state, trends
from oracle.moments import times as our_times
from schemas.outcomes import Change
from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.meters.counting import Reading
from services.trigger_engine.domain.moments import (
    absence,
    attempt,
    becomes,
    draws,
    forecast,
    growth,
    habit,
    limit,
    limit_by_period,
    ordered_onboarding,
    outcome,
    sequence,
    tenure,
    times,
)
from services.trigger_engine.domain.moments import onboarding as any_order
from services.trigger_engine.domain.playbook import moments

S = 1_000_000
H = 3_600 * S
D = 24 * H
T0 = 1_772_355_600 * S
ZONES = ("Europe/Berlin", None, "America/St_Johns")
SEEDS = range(12)


def same(ours: object, theirs: object) -> None:
    assert msgpack.encode(ours) == msgpack.encode(theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_limits(seed: int) -> None:
    chance = Random(seed)
    steps = chance.choice([(Decimal("0.8"), Decimal("0.9"), Decimal(1)), (Decimal("0.5"),)])
    below = chance.choice([None, Decimal("0.3")])
    ours, theirs = written.Limit("m", D, "x", steps, below), moments.LimitMoment("m", "x", steps, D)
    theirs = moments.LimitMoment("m", "x", steps, D, again_after=moments.AgainAfter(below=below))
    held, known = state.Limit(), limit.LimitState()
    held_by, known_by = state.Limits(), limit_by_period.LimitsState()
    for _ in range(120):
        value, plan = Decimal(chance.randrange(-1, 14)), chance.choice(["free", "plus"])
        allowed = chance.choice([Decimal(10), Decimal(10), Decimal(5), Decimal(0), "unlimited", None])
        period = chance.choice([None, None, 0, D])
        known, step = limit.observe(theirs, known, limit.LimitReading(value, allowed, plan, period))  # type: ignore[arg-type]  # theirs or ours
        held, our_step = limits.limit(ours, held, limits.Standing(value, allowed, plan, period))
        assert our_step == step
        same(held, known)
        period, over = chance.randrange(80) * D, chance.choice([None, 3 * D])
        reading = limit.LimitReading(value, allowed, plan, period)  # type: ignore[arg-type]  # theirs or ours
        known_by, step = limit_by_period.observe(theirs, known_by, reading, over)
        held_by, our_step = limits.by_period(ours, held_by, limits.Standing(value, allowed, plan, period), over)
        assert our_step == step
        same(held_by, known_by)


@pytest.mark.parametrize("seed", SEEDS)
def test_attempts(seed: int) -> None:
    chance, at = Random(seed), T0
    held, known = state.Attempt(), attempt.AttemptState()
    for _ in range(60):
        at += chance.choice([0, H, 20 * H, D])
        allowed, value = chance.choice([Decimal(3), Decimal(0), "unlimited", None]), Decimal(chance.randrange(5))
        known, fires = attempt.observe(known, at, limit.LimitReading(value, allowed, None, None))  # type: ignore[arg-type]  # theirs or ours
        fired = limits.attempt(held, at, value, allowed)
        held = held if fired is None else fired
        assert (fired is not None) == fires
        same(held, known)


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_onboardings(seed: int, in_order: bool) -> None:
    chance = Random(f"{seed} {in_order}")
    steps = ("a.one", "a.two", "a.three")
    within, starts = chance.choice([None, 3 * D]), chance.choice([None, "account.created", "a.start", "a.two"])
    ours = written.Onboarding("m", D, steps, "account", within, starts, in_order)
    theirs = moments.OnboardingMoment(
        "m", steps, moments.OnboardingOf.ACCOUNT, within, D, starts=starts, in_order=in_order
    )
    held = onboarding.blank(ours)
    for _ in range(6):
        known: any_order.OnboardingState | ordered_onboarding.OrderedOnboardingState
        known = ordered_onboarding.OrderedOnboardingState() if in_order else any_order.OnboardingState()
        held = onboarding.blank(ours)
        created = chance.choice([None, T0, T0 - 5 * D])
        for _ in range(12):
            event, at = chance.choice([*steps, "a.start", "a.other"]), T0 + chance.randrange(6) * D // 2
            if isinstance(known, any_order.OnboardingState):
                known, completed = any_order.observe(theirs, known, event, at, created)
            else:
                known, completed = ordered_onboarding.observe(theirs, known, event, at, created)
            held, our_completed = onboarding.step(ours, held, event, at, created)
            assert our_completed == completed
            same(held, known)
            assert onboarding.deadline(ours, held, created) == known.deadline(theirs, created)
            if isinstance(known, any_order.OnboardingState) and created is None and chance.random() < 0.2:
                known, completed = any_order.created_at(theirs, known, T0 + H)
                assert onboarding.created(ours, held, T0 + H)[1] == completed
                held = onboarding.created(ours, held, T0 + H)[0]
                same(held, known)


@pytest.mark.parametrize("seed", SEEDS)
def test_times_are_forgotten_alike(seed: int) -> None:
    chance = Random(seed)
    known: tuple[int, ...] = ()
    for _ in range(200):
        at = T0 + chance.randrange(10_000)
        assert our_times.with_time(known, at, T0 + 500, 64) == (known := times.with_time(known, at, T0 + 500, 64))
        mark = T0 + chance.randrange(10_000)
        assert our_times.first_from(known, mark) == times.earliest_from(known, mark)
        assert our_times.last_until(known, mark) == times.latest_until(known, mark)


@pytest.mark.parametrize("seed", SEEDS)
def test_habits_and_becoming(seed: int) -> None:
    chance, at = Random(seed), T0
    ours, theirs = written.Habit("m", D, "x", Decimal(3)), moments.HabitMoment("m", "x", Decimal(3), D)
    held, known = state.Habit(), habit.HabitState()
    held_becomes, known_becomes = state.Becomes(), becomes.BecomesState()
    for _ in range(60):
        at += chance.choice([0, H, D, 9 * D])
        value, again = Decimal(chance.randrange(6)), chance.choice([None, at + D, at + 4 * D])
        known, fires = habit.observe(theirs, known, Reading(value, at), again)
        held, fired = others.habit(ours, held, OurReading(value, at), again)
        assert fired == fires
        same(held, known)
        holds = chance.choice([True, False, None])
        known_becomes, fires = becomes.observe(known_becomes, holds)
        held_becomes, fired = others.becomes(held_becomes, holds)
        assert fired == fires
        same(held_becomes, known_becomes)


@pytest.mark.parametrize("unit", list(Unit))
def test_growth(unit: Unit) -> None:
    assert sum(growing(seed, unit) for seed in SEEDS) > 4


def growing(seed: int, unit: Unit) -> int:
    chance, at, name = Random(f"{seed} {unit}"), T0, Random(seed).choice(ZONES)
    place, clocks = calendar.zone(name), days.zone(name)
    by, periods = Decimal("0.2"), chance.choice([1, 2])
    ours = written.Growth("m", D, "x", by, unit.value, periods, Decimal(2))
    theirs = moments.GrowthMoment("m", "x", by, unit, periods, Decimal(2), D)
    held, known = state.Growth(), growth.GrowthState()
    fired = 0
    for _ in range(150):
        at += chance.choice([H, 9 * H, D, 3 * D, 12 * D])
        late = at - chance.choice([0, 0, D, 6 * D])
        amount = Decimal(chance.choice(["1", "2", "5", "0.5", "-1"])) * (1 + (at - T0) // (10 * D))
        floor, known_from = at - 7 * D, chance.choice([T0, T0 + 20 * D])
        known, held = (
            growth.counted(theirs, known, late, amount, place, floor),
            trends.grew(ours, held, late, amount, clocks, floor),
        )
        same(held, known)
        while (due := growth.due(theirs, known, place)) is not None and due <= at:
            assert trends.growth_due(ours, held, clocks) == due
            known, grown = growth.timed(theirs, known, due, place, known_from)
            held, our_grown = trends.growth(ours, held, due, clocks, known_from)
            same(held, known)
            found = None if grown is None else (grown.period, grown.at, grown.first, grown.last, grown.percent)
            assert (None if our_grown is None else (*our_grown, our_grown.percent)) == found
            fired += grown is not None
    return fired


def test_forecasts() -> None:
    assert sum(map(foreseen, SEEDS)) > 10


def foreseen(seed: int) -> int:
    chance, at, name = Random(seed), T0, Random(seed).choice(ZONES)
    place, clocks = calendar.zone(name), days.zone(name)
    within, confidence = chance.choice([3, 10, 28]), Decimal(chance.choice(["0.5", "0.8", "1"]))
    ours, theirs = (
        written.Forecast("m", D, "x", within, confidence),
        moments.ForecastMoment("m", "x", within, confidence, D),
    )
    held, known, total = state.Forecast(), forecast.ForecastState(), Decimal(0)
    fired = 0
    for _ in range(160):
        at += chance.choice([H, 9 * H, D, 2 * D])
        amount = Decimal(chance.choice(["1", "2", "3", "0", "0.5"]))
        total += amount
        floor = at - 2 * D
        known, held = forecast.counted(known, at, amount, place, floor), trends.foresaw(held, at, amount, clocks, floor)
        same(held, known)
        allowed = chance.choice([total + 20, total + 20, total + 5, total, "unlimited", None])
        resets = chance.choice([None, None, at + 3 * D])
        known_from = T0 + 2 * D
        while (due := forecast.due(known, place)) is not None and due <= at:
            assert trends.forecast_due(held, clocks) == due
            outlook = forecast.Outlook(total, allowed, resets, known_from)  # type: ignore[arg-type]  # theirs or ours
            known, seen = forecast.timed(theirs, known, due, place, outlook, "acme")
            held, our_seen = trends.forecast(
                ours, held, due, clocks, trends.Outlook(total, allowed, resets, known_from), "acme"
            )
            same(held, known)
            assert our_seen == (None if seen is None else (seen.day, seen.confidence, seen.at))
            fired += seen is not None
    return fired


@pytest.mark.parametrize("seed", SEEDS)
def test_tenure(seed: int) -> None:
    chance, reached, name = Random(seed), T0, Random(seed).choice(ZONES)
    place, clocks = calendar.zone(name), days.zone(name)
    ours, theirs = written.Tenure("m", D, "plan_since", 2), moments.TenureMoment("m", "plan_since", 2, D)
    held, known, since = state.Tenure(), tenure.TenureState(), None
    for _ in range(60):
        reached += chance.choice([D, 9 * D, 30 * D])
        since = chance.choice([since, since, since, reached, reached - 90 * D])
        published = chance.choice([T0, T0 + 100 * D])
        assert others.tenure_due(ours, held, since, clocks) == tenure.due(theirs, known, since, place)
        known, full = tenure.timed(theirs, known, since, place, reached, published)
        held, our_full = others.tenure(ours, held, since, reached, clocks, published)
        assert our_full == full
        same(held, known)


@pytest.mark.parametrize("seed", SEEDS)
def test_sequences_and_absences(seed: int) -> None:
    chance, at, steps = Random(seed), T0, ("a.one", "a.two", "a.three")
    ours, theirs = written.Sequence("m", D, steps, 2 * D), moments.SequenceMoment("m", steps, 2 * D, D)
    our_absence, absent = (
        written.Absence("m", D, "a.two", "a.one", 2 * D),
        moments.AbsenceMoment("m", "a.two", "a.one", 2 * D, D),
    )
    held, known = state.Sequence(), sequence.SequenceState()
    held_absence, known_absence = state.Absence(), absence.AbsenceState()
    for _ in range(160):
        at += chance.choice([0, H, 7 * H, D, 5 * D])
        when, event, floor = at - chance.choice([0, 0, H, 20 * H]), chance.choice([*steps, "a.other"]), at - D
        known, end = sequence.observe(theirs, known, event, when, floor)
        held, our_end = events.sequence(ours, held, event, when, floor)
        assert our_end == end
        same(held, known)
        while (due := absence.due(absent, known_absence)) is not None and due <= at:
            assert events.absence_due(our_absence, held_absence) == due
            known_absence, fired = absence.timed(absent, known_absence, due)
            held_absence, our_fired = events.missed(our_absence, held_absence, due)
            assert our_fired == fired
            same(held_absence, known_absence)
        known_absence, undone = absence.observe(absent, known_absence, event, when, floor)
        held_absence, our_undone = events.absence(our_absence, held_absence, event, when, floor)
        assert our_undone == undone
        same(held_absence, known_absence)


@pytest.mark.parametrize("ending", list(moments.Ending))
def test_outcomes(ending: moments.Ending) -> None:
    chance = Random(ending)
    ours, theirs = (
        written.Outcome("m", D, ending.value, "it", 2 * D),
        moments.OutcomeMoment("m", ending, "it", 2 * D, D),
    )
    held, known = state.Outcome(), outcome.OutcomeState()
    for number in range(200):
        change, at, seen = chance.choice(list(Change)), T0 + chance.randrange(4) * D, chance.random() < 0.5
        offer, offer_id = chance.choice(["it", "it", "other"]), f"o{number // 3}"
        known, fires = outcome.observe(theirs, known, outcome.Judged(offer, offer_id, change, T0, at, seen))
        after = others.outcome(ours, held, others.Judged(offer, offer_id, change.value, T0, at, seen))
        held = held if after is None else after
        assert (after is not None) == fires
        same(held, known)


def test_chance_comes_out_the_same() -> None:
    from oracle import chance  # noqa: PLC0415 - by this name

    assert chance.seed("growth", "ä", 5) == draws.seed("growth", "ä", 5)
    one, other = chance.draws(7), draws.draws(7)
    drawn = [(next(one), next(other)) for _ in range(100)]
    assert all(ours == theirs for ours, theirs in drawn)
    assert all(chance.below(28, ours) == draws.below(28, theirs) for ours, theirs in drawn)
