"""A set as it was written, read into `oracle.rules`. Scalars stay text until somebody knows what they mean."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml

from oracle.rules import BILLING_PERIOD, EVER, Cap, Limit, Meter, Moment, Offer, Plan, Product, Rules, Words
from oracle.times import DAY, duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
PERCENT: Final = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)%", re.ASCII)
QUIET: Final = ("onboarding", "open_ticket", "payment_failed", "cancelling")
STEPS: Final = (Decimal("0.8"), Decimal("0.9"), Decimal(1))
PRODUCT_KEYS: Final = (
    "product", "currency", "default_plan", "history", "terms", "events", "plans", "ladders", "products", "meters",
    "placements", "guardrails",
)  # fmt: skip
OFFER_KEYS: Final = (
    "on", "upgrade_to", "add", "family", "content", "placements", "after_a_no", "open_for", "boost",
)  # fmt: skip


class NotASet(Exception):
    """The files are no set that could take effect; the message says why, for people."""


def rules_of(files: Sequence[tuple[str, str]], version: int) -> Rules:
    """The set that ``files`` (path and text) make; raises `NotASet`."""
    try:
        roots = [yaml.load(text, Loader=yaml.CBaseLoader) for _, text in files]  # noqa: S506 - makes text, no objects
        (product,) = [root for root in roots if "product" in root]
        return _rules(product, [root for root in roots if root is not product], version)
    except NotASet:
        raise
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise NotASet(f"{type(error).__name__}: {error}") from None


def _rules(product: dict[str, Any], books: list[dict[str, Any]], version: int) -> Rules:
    _only(product, PRODUCT_KEYS)
    terms = {name: int(months) for name, months in product.get("terms", {"month": "1", "year": "12"}).items()}
    meters = {name: _meter(name, body, product) for name, body in product.get("meters", {}).items()}
    placements = _some(product["placements"])
    plans = {plan["id"]: _plan(plan, meters) for plan in product["plans"]}
    products = {sold["id"]: _sold(sold) for sold in product.get("products", [])}
    guardrails = _only(product.get("guardrails", {}), ("quiet_when", "caps"))
    moments: dict[str, Moment] = {}
    offers: dict[str, Offer] = {}
    for book in books:
        _only(book, ("playbook", "about", "moments", "offers"))
        for name, body in book.get("moments", {}).items():
            _new(name, {**moments, **offers})
            moments[name] = _moment(name, body, meters, product.get("events", {}))
        for name, body in book.get("offers", {}).items():
            _new(name, {**moments, **offers})
            offers[name] = _offer(name, book["playbook"], body, placements)
    rules = Rules(
        version=version,
        currency=product.get("currency", "USD"),
        default_plan=product.get("default_plan"),
        terms=terms,
        events=frozenset(product.get("events", {})),
        plans=plans,
        ladders={name: tuple(rungs) for name, rungs in product.get("ladders", {}).items()},
        products=products,
        meters=meters,
        quiet=_quiet(guardrails.get("quiet_when", [])),
        caps=tuple(_cap(body) for body in guardrails.get("caps", [])),
        moments=moments,
        offers=offers,
    )
    _refers_to_what_exists(rules, placements)
    return rules


def _refers_to_what_exists(rules: Rules, placements: Sequence[str]) -> None:
    used = {name for offer in rules.offers.values() for name in offer.on}
    if used != set(rules.moments):
        raise NotASet(f"moments made and moments used differ: {sorted(used ^ set(rules.moments))}")
    if "onboarding" in rules.quiet and any(moment.within is None for moment in rules.onboardings):
        raise NotASet("an onboarding that keeps offers away must end some day")
    for offer in rules.offers.values():
        known = (
            (offer.add is None or offer.add in rules.products)
            and (offer.plan is None or offer.plan in rules.plans)
            and (offer.ladder is None or offer.ladder in rules.ladders)
            and set(offer.placements) <= set(placements)
        )
        if not known:
            raise NotASet(f"offer {offer.name} names what does not exist")
    for name, rungs in rules.ladders.items():
        if not set(rungs) <= set(rules.plans):
            raise NotASet(f"ladder {name} names what does not exist")


# --- scalars and shapes -----------------------------------------------------------------------------


def _only(body: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    unknown = body.keys() - set(keys)
    if unknown:
        raise NotASet(f"unknown: {sorted(unknown)}")
    return body


def _new(name: str, taken: Mapping[str, object]) -> None:
    if name in taken:
        raise NotASet(f"{name} stands twice")


def _some(items: Any) -> tuple[str, ...]:
    if not isinstance(items, list) or not items:
        raise NotASet(f"{items!r} is no list of something")
    return tuple(items)


def _number(text: Any) -> Decimal:
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        raise NotASet(f"{text!r} is no number")
    return Decimal(text)


def _positive(text: Any) -> Decimal:
    made = _number(text)
    if made <= 0:
        raise NotASet(f"{text!r} must be above 0")
    return made


def _share(text: str) -> Decimal:
    found = PERCENT.fullmatch(text)
    if found is None:
        raise NotASet(f"{text!r} is no share")
    return Decimal(found[1]) / 100


# --- the product document ---------------------------------------------------------------------------


def _meter(name: str, body: dict[str, Any], product: dict[str, Any]) -> Meter:
    _only(body, ("count", "sum", "max", "of", "less", "over", "by"))
    (kind,) = [word for word in ("count", "sum", "max") if word in body]
    of = body["count"] if kind == "count" else body["of"]
    properties = product["events"][of]
    prop = None if kind == "count" else body[kind]
    written = properties.get(prop, "") if prop != "quantity" else "number"
    if prop is not None and written.removesuffix("?") not in ("number", "whole"):
        raise NotASet(f"meter {name} counts what is no number")
    if body.get("less") is not None and (kind != "count" or body["less"] not in product["events"]):
        raise NotASet(f"meter {name}: less")
    if body.get("over", EVER) not in (EVER, BILLING_PERIOD) or body.get("by", "user") != "user":
        raise NotASet(f"meter {name}: over or by")
    optional = properties.get(prop or "", "").endswith("?")
    return Meter(name, kind, of, body.get("less"), prop, body.get("over", EVER), "by" in body, optional)


def _prices(written: Any) -> dict[str, Decimal]:
    if isinstance(written, str):
        return {"any": _number(written)}
    return {term: _number(amount) for term, amount in (written or {}).items()}


def _plan(body: dict[str, Any], meters: Mapping[str, Meter]) -> Plan:
    _only(body, ("id", "price", "per", "limits", "features"))
    limits = {meter: _limit(written) for meter, written in body.get("limits", {}).items()}
    if not all(name in meters and not meters[name].by_user for name in limits):
        raise NotASet(f"plan {body['id']} limits what can not be limited")
    return Plan(body["id"], _prices(body.get("price")), "per" in body, limits, tuple(body.get("features", ())))


def _limit(written: Any) -> Limit:
    if written == "unlimited":
        return Limit(None, Decimal(0))
    if written == "seats":
        return Limit(Decimal(0), Decimal(1))
    if isinstance(written, dict):
        return Limit(Decimal(0), _number(_only(written, ("per_seat",))["per_seat"]))
    return Limit(_number(written), Decimal(0))


def _sold(body: dict[str, Any]) -> Product:
    _only(body, ("id", "price", "adds"))
    adds = {meter: _positive(amount) for meter, amount in body.get("adds", {}).items()}
    return Product(body["id"], _prices(body.get("price")), adds)


def _quiet(written: list[Any]) -> dict[str, int]:
    quiet: dict[str, int] = {}
    for item in written:
        for state, cool_down in item.items() if isinstance(item, dict) else [(item, None)]:
            if state not in QUIET:
                raise NotASet(f"{state} is no state to be quiet in")
            quiet[state] = 0 if cool_down is None else duration(cool_down)
    return quiet


def _cap(body: dict[str, Any]) -> Cap:
    _only(body, ("at_most", "per", "each"))
    each = body.get("each", "account")
    if each not in ("account", "offer", "family", "placement"):
        raise NotASet(f"a cap for each {each}")
    return Cap(int(_number(body["at_most"])), duration(body["per"]), each)


# --- playbooks --------------------------------------------------------------------------------------


def _moment(name: str, body: dict[str, Any], meters: Mapping[str, Meter], events: Iterable[str]) -> Moment:
    stale = duration(body.get("stale_after", "1d"))
    if "onboarding" in body:
        _only(body, ("onboarding", "of", "within", "order", "stale_after"))
        steps = _some(body["onboarding"])
        if not set(steps) <= set(events) or body.get("of", "account") not in ("account", "user"):
            raise NotASet(f"moment {name} names what does not exist")
        within = duration(body["within"]) if "within" in body else None
        return Moment(name, "onboarding", stale, events=steps, of_user=body.get("of") == "user", within=within)
    kind = "limit" if "limit" in body else "milestone"
    _only(body, (kind, "at" if kind == "limit" else "reaches", "stale_after"))
    meter = body[kind]
    if meter not in meters:
        raise NotASet(f"moment {name} watches {meter}, which is not a meter")
    if kind == "limit":
        at = tuple(_share(step) for step in _some(body["at"])) if "at" in body else STEPS
        if list(at) != sorted(set(at)) or at[0] <= 0:
            raise NotASet(f"moment {name}: steps")
        return Moment(name, kind, stale, meter=meter, steps=at)
    return Moment(name, kind, stale, meter=meter, reaches=_positive(body["reaches"]))


def _offer(name: str, playbook: str, body: dict[str, Any], placements: tuple[str, ...]) -> Offer:
    _only(body, OFFER_KEYS)
    content = body.get("content", {})
    words = _words(content, None) if "content" in body else None
    at = [key for key in content if key.startswith("at_")]
    verb = {"add": body["add"]} if "add" in body else _upgrade(body["upgrade_to"])
    if "add" in body and "upgrade_to" in body:
        raise NotASet(f"offer {name} has two verbs")
    no = body.get("after_a_no", "30d")
    rules = {"wait for higher step": "higher_step", "never": "never", "next_period": "next_period"}
    return Offer(
        name=name,
        playbook=playbook,
        on=_some(body["on"]),
        family=body.get("family", name),
        words=words,
        words_at={_share(key.removeprefix("at_")): _words(content[key], words.otherwise) for key in at}
        if words
        else {},
        placements=_some(body["placements"]) if "placements" in body else placements[:1],
        no=no,
        no_rule=rules.get(no, "for"),
        no_for=None if no in rules else duration(no),
        open_for=duration(body["open_for"]) if "open_for" in body else 7 * DAY,
        boost=_positive(body.get("boost", "1")),
        **verb,
    )


def _upgrade(written: str) -> dict[str, str]:
    if written == "next":
        return {}
    return {"ladder": written.removeprefix("next on ")} if written.startswith("next on ") else {"plan": written}


def _words(body: dict[str, Any], otherwise: str | None) -> Words:
    unknown = {key for key in body if not key.startswith("at_")} - {"title", "body", "otherwise"}
    if unknown:
        raise NotASet(f"content: {sorted(unknown)}")
    return Words(body["title"], body.get("body"), body.get("otherwise", otherwise))
