"""The report as one page that stands alone: what a growth lead reads in a minute, and every number below it."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Final

from schemas.decisions import Reason
from services.metrics_sink.domain.effect import Advice, Effect, Figure
from services.metrics_sink.domain.report import Month, OfferReport, Owning, Report, Segment
from services.metrics_sink.domain.too_late import FAR_TIMES, FAR_WAIT, Beyond, TooLate
from services.metrics_sink.web.pictures import Bar, Interval, Line, bars, intervals, lines
from services.metrics_sink.web.pieces import card, pictured, table, tile
from services.metrics_sink.web.words import (
    BECAUSE,
    FIGURES,
    NOT_KNOWN,
    REASONS,
    SPREAD,
    amounted,
    between,
    counted,
    level,
    money,
    percent,
)

SIGNS: Final = {Advice.KEEP: "▲ keep", Advice.WATCH: "● watch", Advice.STOP: "■ stop"}
"""So that it is not told by colour alone."""

ORDER: Final = (Advice.STOP, Advice.KEEP, Advice.WATCH)
"""What asks for a hand first."""

REASONS_DRAWN: Final = 8
"""Of the reasons to withhold; the table has all."""

WORSE_WHEN_MORE: Final = frozenset({Figure.CHURN, Figure.TICKETS})


def page(report: Report) -> str:
    """The whole document."""
    at = f"{report.at:%Y-%m-%d %H:%M} UTC"
    style = (files(__package__) / "report.css").read_text("utf-8")
    body = "".join(
        [
            "<header><h1>What offers did</h1>",
            f"<p class=quiet>Up to {at}; money in {escape(report.currency)} a month if not said otherwise</p></header>",
            f"<main>{_tiles(report)}<div class=cards>",
            _advice(report),
            _effects(report),
            _months(report.months),
            _withheld(report),
            _customers(report),
            _segments(report.segments),
            _owning(report.owning),
            _too_late(report.too_late),
            _funnels(report.offers),
            "</div></main><footer>How to read it: docs/effects.md</footer>",
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What offers did, {at}</title><style>{style}</style></head><body>{body}</body></html>\n"
    )


def _tiles(report: Report) -> str:
    advised = [one.effect.advice for one in report.offers]
    said = ", ".join(f"{advised.count(advice)} {advice.value}" for advice in ORDER if advice in advised) or "none yet"
    month = next((one for one in reversed(report.months) if one.over), None)
    gate = report.withheld[0] if report.withheld else None
    waiting = report.waiting
    return "".join(
        [
            '<section class=tiles aria-label="In short">',
            tile("offers", said, counted(len(report.offers), "offer")),
            tile(
                "net revenue retention",
                percent(month.retention.net) if month else NOT_KNOWN,
                f"{month.month:%B %Y}: {month.mark.value}" if month else "no month is over yet",
            ),
            tile(
                "what blocks most",
                REASONS[gate.reason] if gate else "nothing",
                f"{_code(gate.reason)}: {_share(gate.decisions, report.decisions)} of all decisions"
                + (f", most often {gate.offer}" if gate.offer else "")
                if gate
                else "no decision was withheld",
            ),
            tile(
                "from one purchase to the next",
                NOT_KNOWN if waiting.median_days is None else counted(waiting.median_days, "day"),
                f"median of {counted(waiting.accounts, 'account')}, of which {waiting.still_waiting:,} still wait",
            ),
            "</section>",
        ]
    )


def _advice(report: Report) -> str:
    rows = [
        [
            f"<b>{escape(name)}</b>",
            f'<span class="advice {one.advice.value}">{SIGNS[one.advice]}</span>',
            escape(BECAUSE[one.because]),
        ]
        for name, one in sorted(_judged(report), key=lambda judged: ORDER.index(judged[1].advice))
    ]
    held = (
        f"{percent(report.share_held_out)} of the accounts are held out, by a fixed lot, and get no offer."
        if report.share_held_out
        else "Nobody is held out: without a holdout in the product document nothing can be compared."
    )
    return card(
        "Keep, watch, stop",
        "What an offer changed is how those it was made to differ from those held out. Something is called sure only"
        f" when its interval, which may be looked at every day, leaves 0 out. {held}",
        table(("offer", "advice", "because"), rows, stacks=True) if rows else "<p>No offer was made yet.</p>",
        wide=True,
    )


def _judged(report: Report) -> list[tuple[str, Effect]]:
    """Offers, and then playbooks as wholes."""
    offers = [(one.offer, one.effect) for one in report.offers]
    return offers + [(f"all of {one.playbook}", one.effect) for one in report.playbooks]


def _effects(report: Report) -> str:
    return "".join(_effect(report, figure) for figure in Figure) if report.offers else ""


def _effect(report: Report, figure: Figure) -> str:
    compared = [(name, one.figures[figure]) for name, one in _judged(report)]
    drawn, rows = [], []
    for offer, one in compared:
        found = one.difference
        said = between(figure, one, report.currency)
        bounds = (found.lower, found.estimate, found.upper) if found else None
        good = found is not None and (found.surely_less if figure in WORSE_WHEN_MORE else found.surely_more)
        bad = found is not None and (found.surely_more if figure in WORSE_WHEN_MORE else found.surely_less)
        drawn.append(Interval(offer, said, bounds, "good" if good else "bad" if bad else "none"))
        arms = [
            f"{level(figure, arm.mean, report.currency)} of {arm.accounts:,}" if arm.accounts else "nobody"
            for arm in (one.treated, one.held_out)
        ]
        rows.append([f"<b>{escape(offer)}</b>", *arms, said])
    known = [row for row in drawn if row.bounds]
    told = "; ".join(f"{row.label}: {row.value}" for row in known)
    picture = intervals(f"{FIGURES[figure]}, offered less held out. {told}.", known) if known else ""
    others = ", ".join(row.label for row in drawn if not row.bounds)
    waiting = f"<p class=quiet>{NOT_KNOWN.capitalize()}: {escape(others)}</p>" if known and others else ""
    says = (
        "Offered less held out; the dashed line is no change." if known else f"{NOT_KNOWN.capitalize()} of any offer."
    )
    says += f" {SPREAD}" if figure is Figure.REVENUE else ""
    told = table(("offer", "made to", "held out", "difference"), rows)
    return card(f"Changed: {FIGURES[figure]}", says, pictured(picture, told, waiting))


def _months(months: Sequence[Month]) -> str:
    title, numbers = "Revenue kept, month by month", _numbers(months)
    if all(one.retention.net is None for one in months):
        told = pictured("", numbers) if any(one.once for one in months) else ""
        return card(title, "No account paid anything a month at the start of a month yet.", told)
    names = [f"{one.month:%Y-%m}" for one in months]
    net = [None if one.retention.net is None else float(one.retention.net) for one in months]
    gross = [None if one.retention.gross is None else float(one.retention.gross) for one in months]
    told = "; ".join(f"{name}: NRR {percent(one.retention.net)}" for name, one in zip(names, months, strict=True))
    picture = lines(
        f"Net revenue retention by month. {told}.",
        names,
        (Line("GRR", gross, "second"), Line("NRR", net, "fill")),
        ((1.0, "100 %"), (1.2, "120 %")),
    )
    key = (
        '<p><span class=key style="--of:var(--fill)">NRR: with expansion</span>'
        '<span class=key style="--of:var(--second)">GRR: without</span></p>'
    )
    return card(
        title,
        "Of those who paid at the start of the month; above 100 % they bring more than those who leave take."
        " What was paid once is not in it.",
        key + pictured(picture, numbers),
    )


def _numbers(months: Sequence[Month]) -> str:
    """What recurs, and beside it what was paid once."""
    rows = [
        [
            f"{one.month:%Y-%m}{'' if one.over else ' so far'}",
            percent(one.retention.net),
            one.mark.value,
            percent(one.retention.gross),
            *(amounted(part) for part in (one.retention.start, one.retention.expansion)),
            *(amounted(part) for part in (one.retention.contraction, one.retention.churn, one.once)),
        ]
        for one in reversed(months)
    ]
    heads = ("month", "NRR", "", "GRR", "start", "expansion", "contraction", "churn", "paid once")
    return table(heads, rows)


def _withheld(report: Report) -> str:
    if not report.withheld:
        return card("Why nothing was offered", "No decision was withheld.", "")
    most = report.withheld[0].decisions
    drawn = [
        Bar(
            REASONS[one.reason],
            f"{one.decisions:,} ({_share(one.decisions, report.decisions)})",
            one.decisions / most,
            "fill" if number == 0 else "none",
        )
        for number, one in enumerate(report.withheld[:REASONS_DRAWN])
    ]
    told = "; ".join(f"{row.label}: {row.value}" for row in drawn)
    rows = [
        [
            REASONS[one.reason],
            _code(one.reason),
            f"{one.decisions:,}",
            f"{one.accounts:,}",
            escape(one.offer or ""),
        ]
        for one in report.withheld
    ]
    return card(
        "Why nothing was offered",
        f"Of {counted(report.decisions, 'decision')}; the first is the gate that blocks most.",
        pictured(
            bars(f"Decisions that offered nothing, by reason. {told}.", drawn),
            table(("the account", "reason", "decisions", "accounts", "most often"), rows),
        ),
    )


def _customers(report: Report) -> str:
    worth, currency = report.customers, escape(report.currency)
    rows = [
        ["accounts that have paid", f"{worth.accounts:,}"],
        ["revenue per customer, last month", money(worth.per_customer, currency)],
        ["paid once, last month", money(worth.once, currency)],
        ["expansion, of all revenue, last month", percent(worth.expansion_share)],
        ["paid in all, per account", money(worth.lifetime_value, currency)],
        ["products beside the plan, per account", NOT_KNOWN if worth.products is None else f"{worth.products:.2f}"],
    ]
    if report.costs:
        rows.append(["revenue from a new customer costs", f"{report.costs.times:.1f} times that from one who is there"])
    says = "Months are over, in UTC. What was paid once is in all money here."
    return card("What customers are worth", says, table(("figure", "now"), rows))


def _segments(segments: Sequence[Segment]) -> str:
    if not segments:
        return ""
    named = [(f"{one.sort.replace('_', ' ')}, {_segment(one)}", one) for one in segments]
    drawn = [
        Bar(
            name,
            f"{one.converted:,} of {one.offers:,} ({_share(one.converted, one.offers)})",
            one.converted / one.offers,
        )
        for name, one in named[:REASONS_DRAWN]
    ]
    told = "; ".join(f"{row.label}: {row.value}" for row in drawn)
    rows = [
        [escape(name), f"{one.offers:,}", f"{one.converted:,}", _share(one.converted, one.offers)]
        for name, one in named
    ]
    return card(
        "Who takes offers",
        "Of offers presented, those that something bought was credited to; the largest groups.",
        pictured(
            bars(f"Share of presented offers that converted, by who they were. {told}.", drawn),
            table(("who", "presented", "converted", "share"), rows),
        ),
    )


def _code(reason: Reason) -> str:
    """As playbooks, `rung explain` and the dashboards call it."""
    return reason.value.replace("_", " ")


def _segment(one: Segment) -> str:
    return "all" if one.dimension == "all" else f"{one.dimension.rpartition('.')[2]} {one.value}"


def _owning(owning: Sequence[Owning]) -> str:
    if not owning:
        return ""
    drawn = [
        Bar(
            counted(one.products, "product"),
            f"{one.retained:,} of {one.accounts:,} ({_share(one.retained, one.accounts)})",
            one.retained / one.accounts,
        )
        for one in owning
    ]
    told = "; ".join(f"{row.label}: {row.value}" for row in drawn)
    rows = [[row.label, row.value] for row in drawn]
    return card(
        "Who stays, by products beside the plan",
        "Of accounts that paid at the start of a month, those that paid at its end; all months that are over.",
        pictured(
            bars(f"Share of accounts that stayed a month, by products. {told}.", drawn),
            table(("owned", "stayed"), rows),
        ),
    )


def _too_late(gate: TooLate) -> str:
    if not gate.accounts:
        return ""
    rows = [
        [
            f"<b>{escape(one.account)}</b>",
            counted(one.waited.days, "day"),
            _beyond(one.beyond),
            REASONS[Reason(one.most_often)] if one.most_often else "",
        ]
        for one in gate.furthest
    ]
    return card(
        "Ready, and never saw an offer",
        f"{counted(gate.accounts, 'account')}, {gate.far:,} of them far beyond: a meter at {FAR_TIMES} times what"
        f" not_before asks, or ready for {FAR_WAIT.days} days. A gate that opens too late. The furthest are:",
        table(("account", "ready for", "came to", "kept from it most often by"), rows, stacks=True),
        wide=True,
    )


def _beyond(beyond: Beyond | None) -> str:
    if beyond is None:
        return ""
    came, asked = (f"{amount.normalize():f}" for amount in (beyond.value, beyond.asked))
    return f"{escape(beyond.meter)} {came}, asked {asked}: {beyond.times:.1f} times"


def _funnels(offers: Sequence[OfferReport]) -> str:
    if not offers:
        return ""
    heads = ("offer", "made", "presented", "clicked", "accepted", "dismissed", "converted", "propensity")
    rows = [
        [
            f"<b>{escape(one.offer)}</b>",
            *(f"{count:,}" for _, count in _stages(one)),
            NOT_KNOWN if one.funnel.propensity is None else f"{one.funnel.propensity}",
        ]
        for one in offers
    ]
    return card(
        "Funnel of each offer",
        "Each offer counts once at each stage. Converted: something bought was credited to it. The table proposes a"
        " propensity; publishing it is yours.",
        f"<div class=funnels>{''.join(_funnel(one) for one in offers)}</div>"
        f"<details><summary>As a table</summary><div class=scroll>{table(heads, rows)}</div></details>",
        wide=True,
    )


def _funnel(one: OfferReport) -> str:
    stages = _stages(one)
    made = one.funnel.made or 1
    looks = {"dismissed": "none", "converted": "good"}
    drawn = [
        Bar(
            name,
            f"{count:,}" + (f" ({_share(count, made)})" if name != "made" else ""),
            count / made,
            looks.get(name, "fill"),
        )
        for name, count in stages
    ]
    told = ", ".join(f"{count:,} {name}" for name, count in stages)
    return f"<figure><h3>{escape(one.offer)}</h3>{bars(f'Funnel of {one.offer}: {told}.', drawn)}</figure>"


def _stages(one: OfferReport) -> tuple[tuple[str, int], ...]:
    funnel = one.funnel
    return (
        ("made", funnel.made),
        ("presented", funnel.presented),
        ("clicked", funnel.clicked),
        ("accepted", funnel.accepted),
        ("dismissed", funnel.dismissed),
        ("converted", funnel.converted),
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}".replace("%", " %") if whole else "0 %"
