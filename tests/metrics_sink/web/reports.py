"""A report of some months, for who looks at its page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from schemas.decisions import Reason
from services.metrics_sink.domain.effect import Effect, Figure, effect
from services.metrics_sink.domain.report import (
    Costs,
    Customers,
    Funnel,
    Month,
    OfferReport,
    Owning,
    PlaybookReport,
    Report,
    Segment,
    Waiting,
    Withheld,
)
from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.retention import Retention
from services.metrics_sink.domain.statistics.sample_ratio import Split
from services.metrics_sink.domain.too_late import Beyond, Ready, TooLate

AT: Final = datetime(2026, 11, 28, 17, 30, tzinfo=UTC)
SHARE: Final = Fraction(1, 5)
NO_CUSTOMERS: Final = Customers(0, None, None, None, None)
NOTHING: Final = Report(AT, "USD", 0, Decimal(0), (), (), (), (), Waiting(0, 0, None), NO_CUSTOMERS)


def changed(accounts: int, held: int, share: Fraction = SHARE, **did: tuple[int, int]) -> Effect:
    """What an offer to so many changed, of those that did something: treated and held out; else a tenth of them."""
    arms = {}
    for figure in Figure:
        treated, kept = did.get(figure.value, (accounts // 10, held // 10))
        arms[figure] = (Arm.of_share(accounts, treated), Arm.of_share(held, kept))
    return effect(arms, [Split(accounts + held, held, share)])


def some() -> Report:
    """Each kind of advice, months above and below 100 % and 120 %, and names that are not kind to a page."""
    offers = (
        OfferReport(
            "annual",
            "storage",
            Funnel(8_000, 7_204, 1_911, 940, 2_003, 871),
            changed(8_000, 2_000, conversion=(1_100, 190), revenue=(1_120, 190)),
        ),
        OfferReport(
            "more_storage",
            "storage",
            Funnel(12_400, 11_890, 3_020, 1_733, 4_110, 1_502),
            changed(12_400, 3_100, conversion=(1_502, 310)),
        ),
        OfferReport(
            "photos_for_those_who_back_up_pictures_every_day",
            "photos",
            Funnel(640, 520, 41, 3, 390, 2),
            changed(640, 160),
        ),
        OfferReport(
            "suite <b>&</b> all",
            "storage",
            Funnel(9_000, 8_800, 2_100, 400, 5_900, 380),
            changed(9_000, 2_250, tickets=(1_500, 230)),
        ),
        OfferReport("team_plan", "storage", Funnel(5_000, 4_100, 700, 150, 800, 133), changed(5_000, 400)),
    )
    books = (PlaybookReport("storage", changed(34_000, 8_500, conversion=(4_200, 850))),)
    months = tuple(
        Month(
            date(2026, number, 1),
            Retention(Decimal("10000.00"), *(Decimal(part) for part in parts)),
            over=number < 11,
            once=Decimal(number * 100),
        )
        for number, parts in enumerate(
            [
                ("900", "300", "900"),
                ("1100", "250", "610.50"),
                ("1900", "300", "500"),
                ("2900", "200", "400"),
                ("2500.50", "150", "380"),
                ("700", "90", "60"),
            ],
            start=6,
        )
    )
    withheld = (
        Withheld(Reason.CAPPED, 18_422, 7_011, "more_storage"),
        Withheld(Reason.NOT_BEFORE, 9_301, 4_120, "annual"),
        Withheld(Reason.ONBOARDING, 4_013, 3_998, "team_plan"),
        Withheld(Reason.DISMISSED, 2_200, 1_100, "suite <b>&</b> all"),
        Withheld(Reason.OPEN_TICKET, 403, 377, "more_storage"),
        Withheld(Reason.NO_OFFER, 12, 9, None),
    )
    return Report(
        AT,
        "USD",
        71_300,
        Decimal("0.2"),
        offers,
        books,
        months,
        withheld,
        Waiting(5_200, 3_100, 143),
        Customers(5_200, Decimal("31.4159"), Decimal("0.183"), Decimal("402.5"), Decimal("0.713"), Decimal(1_000)),
        (
            Segment("upsell", "all", "all", 29_500, 2_506),
            Segment("upsell", "levels.engagement", "high", 12_000, 2_100),
            Segment("cross_sell", "account.industry", "manufacturing of <furniture> and of everything else", 520, 0),
        ),
        (Owning(0, 40_000, 37_210), Owning(1, 9_000, 8_703), Owning(2, 1_200, 1_187)),
        TooLate(
            4,
            2,
            (
                Ready("acme <inc>", AT, timedelta(days=12), 7, "capped", Beyond("exports", Decimal(14), Decimal(1))),
                Ready("globex", AT, timedelta(days=71), 3, "open_ticket", None),
            ),
        ),
        Costs(Decimal("1.20"), Decimal("0.20")),
    )
