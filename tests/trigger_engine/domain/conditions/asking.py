"""Names as some product has them, and conditions over them."""

from typing import Final

from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import Names

NAMES: Final = Names(
    {
        "account.team": Kind.WHOLE,
        "account.health": Kind.NUMBER,
        "account.industry": Kind.TEXT,
        "account.owned": Kind.TEXTS,
        "account.cancelling": Kind.FLAG,
        "account.age": Kind.DURATION,
        "account.plan_since": Kind.TIME,
        "now": Kind.TIME,
        "meters.exports": Kind.NUMBER,
        "limit.exports": Kind.NUMBER,
        "total(meters.invites)": Kind.NUMBER,
        "engagement.high": Kind.FLAG,
        "small_team": Kind.FLAG,
    },
    {"meters.invites": "'invites' counts by user: say total(meters.invites)"},
)


def condition(text: str) -> Condition:
    return compile_condition(text, NAMES)
