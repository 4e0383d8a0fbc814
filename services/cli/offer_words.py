"""An offer in words: what it says, what can be chosen, and what earned it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def lines_of(offer: Mapping[str, Any]) -> Iterator[str]:
    """The lines of an offer as it travels."""
    yield f'"{offer["content"]["title"]}"'
    if body := offer["content"].get("body"):
        yield f'"{body}"'
    if note := offer.get("note"):
        yield note
    if due := offer.get("due_at"):
        yield f"due {due}"
    yield from (_option(option) for option in offer["options"])
    yield from (f"earned by {_evidence(evidence)}" for evidence in offer["evidence"])


def _option(option: Mapping[str, Any]) -> str:
    told = [option["id"] + " (recommended)" * bool(option.get("recommended"))]
    if items := option.get("items"):
        told.append(" and ".join(items))
    if quantity := option.get("quantity"):
        told.append(f"{quantity} more seats")
    if price := option.get("price"):
        told.append(_money(price) + " and seat" * bool(price.get("per_seat")))
    if saving := option.get("saving"):
        told.append(f"saves {_money(saving)}, {saving['percent']}%")
    for gain in option.get("gains", ()):
        before = f"{gain['before']} -> " if gain.get("before") else ""
        told.append(f"{gain['what']} {before}{gain['after']}")
    return ", ".join(told)


def _money(money: Mapping[str, Any]) -> str:
    term = money["term"]
    return f"{money['amount']} {money['currency']} {term if term == 'once' else f'a {term}'}"


def _evidence(evidence: Mapping[str, Any]) -> str:
    told = str(evidence["moment"])
    if "value" in evidence:
        of = f" of {evidence['limit']}" if "limit" in evidence else ""
        told += f": {evidence.get('meter', '')} {evidence['value']}{of}"
    if "percent" in evidence:
        told += f", {evidence['percent']}% more"
    if "date" in evidence:
        told += f", full by {evidence['date']}"
    return f"{told} at {evidence['happened_at']}"
