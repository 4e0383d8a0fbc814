"""What came of a replay, in the operator's words and for programs."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from schemas.outcomes import Change
from services.cli.decisions import moment_in_words
from services.cli.options import in_percent, in_words, many
from services.kit.clock import US_PER_S
from services.trigger_engine.domain.trying.difference import differences
from services.trigger_engine.domain.trying.hindsight import When

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from schemas.decisions import Reason
    from services.cli.replaying import Played, Side
    from services.trigger_engine.domain.trying.difference import OfferDifference
    from services.trigger_engine.domain.trying.hindsight import Hindsight
    from services.trigger_engine.domain.trying.tally import Example, Tally

MINUTES: Final = "%Y-%m-%d %H:%M"
ENDS: Final = (Change.PRESENTED, Change.ACCEPTED, Change.DISMISSED, Change.EXPIRED, Change.REVOKED)
"""Changes in an offer's life that are told of; snoozes and clicks lead to one of them."""

UNSEEN: Final = "never competed"
NAMES: Final = 5
"""Accounts that are named as examples of a difference."""


class Telling:
    """Tells of a replay; ``outcome`` is what was looked back from, as it was asked for."""

    def __init__(self, played: Played, outcome: str | None = None) -> None:
        self._played = played
        self._side = played.sides[0]
        self._outcome = outcome

    def in_lines(self) -> Iterator[str]:
        """What would have been offered, why not, and what differs from others."""
        side, seen = self._side, self._played.seen
        yield from _log(side, self._played)
        yield from _moments(side.tally)
        yield from _offers(side.tally)
        yield from _examples(side.tally)
        if side.hindsight is not None:
            yield from _looked_back(side.hindsight, self._outcome or "", len(seen.accounts))
        for name, tally in self._others():
            yield from _difference(differences(side.tally, tally), side, name)

    def for_programs(self) -> dict[str, Any]:
        """The same, whole."""
        side, seen = self._side, self._played.seen
        told: dict[str, Any] = {
            "set": side.name,
            "log": {
                "events": seen.events,
                "accounts": len(seen.accounts),
                "first": seen.first.isoformat() if seen.first else None,
                "last": seen.last.isoformat() if seen.last else None,
                "begins_cut": self._played.cut,
            },
            "taken_in": {handled.value: count for handled, count in sorted(side.handled.items())},
            "set_aside": _refused(side),
            **counted(side.tally),
        }
        if side.hindsight is not None:
            told["outcome"] = _for_looking_back(side.hindsight, self._outcome or "")
        against = {name: _for_difference(differences(side.tally, tally), tally) for name, tally in self._others()}
        return told | ({"against": against} if against else {})

    def _others(self) -> Iterator[tuple[str, Tally]]:
        yield from ((other.name, other.tally) for other in self._played.sides[1:])
        if self._played.stored is not None:
            yield "what was decided", self._played.stored


def _log(side: Side, played: Played) -> Iterator[str]:
    seen = played.seen
    span = f", {seen.first:{MINUTES}} to {seen.last:{MINUTES}} UTC" if seen.first and seen.last else ""
    yield f"{side.name}: {many(seen.events, 'event')} of {many(len(seen.accounts), 'account')}{span}"
    if played.cut:
        yield "  the log's beginning is not kept any more: accounts had done more than is counted here"
    told = [f"{count} {handled.value}" for handled, count in sorted(side.handled.items()) if count]
    yield f"  taken in: {', '.join(told) or 'nothing'}"
    for reason, count in sorted(side.refusals.counts.items()):
        where, why = side.refusals.first[reason]
        yield f"  set aside: {count} {reason}, the first at {where}: {why}"


def _moments(tally: Tally) -> Iterator[str]:
    yield f"moments: {'' if tally.moments else 'none fired'}".rstrip()
    for name, moment in sorted(tally.moments.items()):
        yield f"  {name} fired {many(moment.times, 'time')}, for {many(len(moment.last), 'account')}"


def _offers(tally: Tally) -> Iterator[str]:
    yield f"offers: {'' if tally.offers else 'none competed'}".rstrip()
    for name, moment in sorted(tally.offers):
        one = tally.offers[name, moment]
        ends = tally.ends.get(name, Counter())
        then = ", ".join(f"{ends[change]} {change}" for change in ENDS if change in ends)
        held = f", {len(one.held_out)} held out" if one.held_out else ""
        yield f"  {name} on {moment}: made to {len(one.made)} of {many(len(one.last), 'account')}{held}"
        if never := one.never():
            yield f"    never made: {reasons_in_words(never)}"
        if then:
            yield f"    then, on whatever moment: {then}"


def _examples(tally: Tally) -> Iterator[str]:
    shown = [one for _, examples in tally.shown() for one in examples]
    if shown:
        yield "examples:"
    for one in shown:
        yield f"  {_example(one)}"


def _example(one: Example) -> str:
    words = f': "{one.title}"' if one.title is not None else ""
    why = f"not made: {one.because}" + (f" ({one.detail})" if one.detail else "") if one.because else f"made{words}"
    return f"{one.offer} to {one.account}, {moment_in_words(one.moment)}: {why}"


def _looked_back(hindsight: Hindsight, outcome: str, of: int) -> Iterator[str]:
    """Which accounts with the outcome had a moment or an offer before it."""
    count, within = hindsight.outcomes, in_words(hindsight.within_us)
    share = f"{count} of {many(of, 'account')} ({_share(count, of)})"
    yield f"outcome {outcome}: {share}; in time is up to {within} before it"
    rows = hindsight.rows()
    wide = max(len(row.name) for row in rows)
    yield f"  {'':<{wide}}  in time  too early  too late  never  median before  had it before  followed by it"
    for row in rows:
        had, median = row.classes, in_words(row.median) if row.median is not None else "-"
        followed = in_percent(row.followed) if row.followed is not None else "-"
        yield (
            f"  {row.name:<{wide}}  {had[When.IN_TIME]:>7}  {had[When.TOO_EARLY]:>9}  {had[When.TOO_LATE]:>8}"
            f"  {had[When.NEVER]:>5}  {median:>13}  {row.before:>13}  {followed:>14}"
        )
    if without := hindsight.without_offer():
        yield f"  no offer before it: {reasons_in_words(without, 'without a moment')}"


def _difference(found: Iterable[OfferDifference], side: Side, other: str) -> Iterator[str]:
    """Offer by offer, who is offered it on one side alone, and why the other did not."""
    yield f"against {other}:"
    names = side.tally.accounts.names
    for offer in found:
        yield f"  {offer.offer}: {many(len(offer.both), 'account')} in both"
        for where, accounts, why in (
            ("only here", offer.here, offer.not_there),
            ("only there", offer.there, offer.not_here),
        ):
            if accounts:
                some = ", ".join([*names(accounts, NAMES), *(["..."] if len(accounts) > NAMES else [])])
                yield f"    {where} {len(accounts)} ({some}); on the other side {reasons_in_words(why, UNSEEN)}"


def reasons_in_words(counts: Mapping[Any, int], unknown: str = "") -> str:
    """``30 capped, 2 dismissed``: most first."""
    ordered = sorted(counts.items(), key=lambda found: (-found[1], str(found[0])))
    return ", ".join(f"{count} {reason if reason is not None else unknown}" for reason, count in ordered)


def _share(part: int, of: int) -> str:
    return in_percent(Fraction(part, of)) if of else "-"


# --- for programs ---------------------------------------------------------------------------------


def counted(tally: Tally) -> dict[str, Any]:
    """Moments, offers and examples of a tally."""
    return {
        "decisions": tally.decisions,
        "verdicts": {verdict.value: count for verdict, count in sorted(tally.verdicts.items())},
        "moments": [
            {"moment": name, "kind": moment.kind.value, "times": moment.times, "accounts": len(moment.last)}
            for name, moment in sorted(tally.moments.items())
        ],
        "offers": [_for_offer(tally, *key) for key in sorted(tally.offers)],
        "examples": [_for_example(one) for _, examples in tally.shown() for one in examples],
    }


def _for_offer(tally: Tally, offer: str, moment: str) -> dict[str, Any]:
    one = tally.offers[offer, moment]
    ends = tally.ends.get(offer, Counter())
    return {
        "offer": offer,
        "moment": moment,
        "competed_for": len(one.last),
        "made_to": len(one.made),
        "held_out": len(one.held_out),
        "never_made": {reason.value: count for reason, count in sorted(one.never().items())},
        "decisions_against": {reason.value: count for reason, count in sorted(one.reasons.items())},
        "changes_of_offer": {change.value: count for change, count in sorted(ends.items())},
    }


def _for_example(one: Example) -> dict[str, Any]:
    told = {
        "offer": one.offer,
        "account": one.account,
        "at": one.at.isoformat(),
        "moment": one.moment.model_dump(mode="json", exclude_none=True),
        "reason": one.because.value if one.because is not None else None,
        "detail": one.detail,
        "offer_id": one.offer_id,
        "title": one.title,
    }
    return {name: value for name, value in told.items() if value is not None}


def _refused(side: Side) -> dict[str, Any]:
    refusals = side.refusals
    return {
        reason.value: {"count": count, "first_at": refusals.first[reason][0], "why": refusals.first[reason][1]}
        for reason, count in sorted(refusals.counts.items())
    }


def _for_looking_back(hindsight: Hindsight, outcome: str) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "within_s": hindsight.within_us // US_PER_S,
        "accounts": hindsight.outcomes,
        "without_offer": _for_reasons(hindsight.without_offer(), "no_moment"),
        "rows": [
            {
                "name": row.name,
                "accounts": row.accounts,
                **{when.value: count for when, count in row.classes.items()},
                "had_it_before": row.before,
                "median_before_s": row.median // US_PER_S if row.median is not None else None,
                "mean_before_s": row.mean // US_PER_S if row.mean is not None else None,
            }
            for row in hindsight.rows()
        ],
    }


def _for_difference(found: Iterable[OfferDifference], tally: Tally) -> list[dict[str, Any]]:
    every = len(tally.accounts)
    return [
        {
            "offer": offer.offer,
            "both": len(offer.both),
            "only_here": tally.accounts.names(offer.here, every),
            "only_there": tally.accounts.names(offer.there, every),
            "not_here": _for_reasons(offer.not_here),
            "not_there": _for_reasons(offer.not_there),
        }
        for offer in found
    ]


def _for_reasons(why: Mapping[Reason | None, int], unknown: str = "never_competed") -> dict[str, int]:
    return {reason.value if reason is not None else unknown: count for reason, count in why.items()}
