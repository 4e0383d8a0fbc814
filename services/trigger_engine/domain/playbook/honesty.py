"""Dark patterns: what the language refuses to say, each with a message of its own.

Most of them can not be said at all, since there is no word for them. Whoever looks for the word is told why; whoever
types it as text is told, too, as far as a few plain forms in English can be recognised.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.reading import Problems


@dataclass(frozen=True, slots=True)
class DarkPattern:
    """``words`` are keys that somebody might look for, ``said`` the forms of it in a text."""

    rule: str
    words: tuple[str, ...]
    message: str
    said: re.Pattern[str] | None = None


def _said(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms), re.IGNORECASE)


DARK_PATTERNS: Final = (
    DarkPattern(
        "preselected",
        ("preselected", "preselect", "selected", "checked", "default_choice"),
        "nothing is ever preselected: the customer chooses, and 'mark' shows one item as recommended",
    ),
    DarkPattern(
        "no-way-to-say-no",
        ("decline", "dismissible", "closable", "can_decline", "mandatory", "forced"),
        "every offer can be declined in one action, and no word of the language takes that away",
    ),
    DarkPattern(
        "shamed-no",
        ("decline_text", "decline_label", "no_text", "no_label"),
        "a no is a no: an offer has no words for it, so that it can shame nobody",
        _said(r"\bno,? (thanks,? )?i (don't|do not|hate|prefer|like|would rather|want to (lose|miss|pay))"),
    ),
    DarkPattern(
        "typed-saving",
        ("saving", "savings", "save", "discount", "percent_off", "off"),
        "a saving is computed from the prices of the product document and shown as {saving}: it can not be typed",
        _said(r"\bsav(e|es|ing|ings)( up to| of)? ?[$€£]? ?\d[\d.,]* ?(%|[$€£]|percent|dollars|euros?|USD|EUR|GBP)",
              r"\bsav(e|es|ing|ings)( up to| of)? ?[$€£] ?\d", r"\d ?(%|percent) (off|cheaper|discount|less)"),
    ),
    DarkPattern(
        "typed-price",
        ("price", "was", "old_price", "list_price", "regular_price", "strike_price", "worth"),
        "prices come from the product document and are shown as {price}: neither what it costs nor what it cost before "
        "can be typed",
        _said(r"\b(was|instead of|worth|normally|usually|regular price:?|for( only| just)?) ?[$€£] ?\d",
              r"\b(was|instead of|worth|normally|usually) \d[\d.,]* ?([$€£]|USD\b|EUR\b|GBP\b|dollars|euros?)"),
    ),
    DarkPattern(
        "made-up-hurry",
        ("countdown", "timer", "hurry", "urgent", "urgency", "deadline", "expires_in"),
        "no made-up hurry: 'open_for' and 'runs' say when an offer ends, and front ends show it as it is",
        _said(r"\b(last chance|hurry|act (now|fast)|don't miss out|limited[- ]time|ends (soon|today|tonight)"
              r"|only today|today only|before it'?s too late|expires (in|soon|today))\b"),
    ),
    DarkPattern(
        "made-up-scarcity",
        ("stock", "in_stock", "left", "only_left", "scarcity", "limited_to"),
        "no made-up scarcity: nothing that is sold here runs out, so an offer can not say how much is left",
        _said(r"\bonly \d+ (\w+ )?(left|remaining)\b", r"\b(almost|nearly) (gone|sold out)\b",
              r"\bwhile (stocks?|supplies) lasts?\b"),
    ),
    DarkPattern(
        "made-up-crowd",
        ("social_proof", "crowd", "others", "popularity", "testimonial", "viewers"),
        "an offer speaks of the account's own usage: what others do is not measured here and can not be typed",
        _said(r"\b\d[\d.,]*[km+]* (other )?(people|teams|customers|companies|users|accounts)( \w+)? "
              r"(like you|already|have|has|chose|use|bought|upgraded|trust|love|switched|joined)\b",
              r"\b(everyone|everybody|most teams|teams like yours) (else )?(has|have|is|are|already|use)\b"),
    ),
    DarkPattern(
        "acts-by-itself",
        ("auto_upgrade", "auto_accept", "auto_add", "auto_renew", "opt_out", "accept_after", "charge"),
        "an offer changes nothing by itself: only the customer's own yes does",
    ),
    DarkPattern(
        "typed-evidence",
        ("evidence", "signal", "because", "proof", "usage", "value"),
        "the usage that earned an offer is measured and shown by itself: it can not be typed",
        _said(r"\byou(r team)?('ve| have)? (used|stored|exported|shared|reached|hit|filled) "
              r"(all |over |nearly |almost |about )*(of your )?\d"),
    ),
    DarkPattern(
        "asks-again",
        ("repeat", "remind", "remind_every", "reminders", "ask_again", "retry", "again_every"),
        "an offer is not asked again and again: 'after_a_no' says how long a no holds, and a moment when it may fire",
    ),
    DarkPattern(
        "above-guardrails",
        ("force", "always", "bypass", "ignore_guardrails", "skip_quiet", "ignore_caps", "urgent_send", "override"),
        "guardrails hold for every offer: a playbook can tighten them, and nothing passes them by",
    ),
)  # fmt: skip
"""In the order in which the docs tell them."""

DARK_WORDS: Final = {word: pattern for pattern in DARK_PATTERNS for word in pattern.words}

WELCOME: Final = _said(
    r"\bwelcome (to|aboard|on board)\b", r"\bget started\b", r"\bsign up\b", r"\bcreate (an|your) account\b",
    r"\bstart your (free )?trial\b", r"\btry (it|us) (out )?for free\b", r"\bjoin (us|now|today)\b",
)  # fmt: skip


def without_dark_keys(node: Node, what: str, problems: Problems) -> Node:
    """The mapping without its words for dark patterns; a problem says of each why there is none."""
    if not isinstance(node.value, dict):
        return node
    left: dict[str, Entry] = {}
    for entry in node.value.values():
        pattern = DARK_WORDS.get(entry.key)
        if pattern is None:
            left[entry.key] = entry
        else:
            problems.add(entry.place, pattern.rule, f"{what}: {pattern.message}", width=len(entry.key))
    return replace(node, value=left)


def refuse_dark_words(text: str, node: Node, problems: Problems) -> None:
    """Note each dark pattern that ``text`` says in plain words."""
    for pattern in DARK_PATTERNS:
        found = pattern.said.search(text) if pattern.said else None
        if found:
            problems.add(node.place, pattern.rule, f"{found.group()!r}: {pattern.message}")


def warn_of_welcome(text: str, node: Node, problems: Problems) -> None:
    """Warn of words that are for those who are not customers yet."""
    found = WELCOME.search(text)
    if found:
        told = (
            f"{found.group()!r} is said to those who are new, and this offer can reach accounts that pay: "
            "find other words, or let 'for' leave them out"
        )
        problems.warn(node.place, "welcome", told)
