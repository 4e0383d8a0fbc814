"""`rung preview`, as in a shell: of an account made up, and of one that something was decided about."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas.facts import AccountCreated
from schemas.topics import DECISIONS, OFFERS
from services.kit.kafka.admin import create_topics
from services.kit.kafka.sender import Sender
from services.trigger_engine.domain.playbook.sets import compile_set
from services.trigger_engine.runtime.outbox import TOPIC_OF
from tests.cli.running import rung
from tests.trigger_engine.domain.building import Bench

if TYPE_CHECKING:
    from services.kit.settings import KafkaSettings

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"
NAMES = tuple(path.name for path in sorted(SAMPLE.glob("*.yaml")) if ".scenarios" not in path.name)


def lines(*words: object) -> list[str]:
    result = rung("preview", *words)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def told(*words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rung("preview", *words, "--json").stdout)
    return found


def test_an_offer_is_shown_as_the_customer_would_see_it() -> None:
    found = lines("more_storage", SAMPLE, "--meter", "storage_gb=1.7")
    assert found[:5] == [
        "more_storage, for an account on free, storage_gb 1.7",
        "  in banner, upgrade_page, open for 3d",
        '  "You have used 1.7 of 2 GB"',
        '  "There is more room for 10 USD a month."',
        (
            "  plus, 10 USD a month, storage_gb 2 -> 2000, transfer_gb 5 -> 200, projects 3 -> 50, history included, "
            "photo_search included"
        ),
    ]
    assert found[5].startswith("  earned by storage_full: storage_gb 1.7 of 2 at ")
    assert found[6] == "  after a no: wait for higher step"


def test_a_step_has_its_own_words() -> None:
    assert '  "Your 2 GB are full"' in lines("more_storage", SAMPLE, "--step", "100%")


def test_an_account_may_be_described() -> None:
    found = lines("team_plan", SAMPLE, "--plan", "team", "--term", "year", "--seats", "3", "--owns", "photos")
    assert found[0] == "team_plan, for an account on team by the year, 3 seats, owning photos, shares 20"
    assert any(line.startswith("  enterprise, 6000 USD a year") for line in found)


def test_who_would_not_get_it_is_told_why() -> None:
    assert lines("report_insights", SAMPLE, "--owns", "insights")[1:] == [
        "  would not be made: owned: insights",
        "  would need an account that does not have it yet",
    ]


def test_who_would_be_spared_it_is_told_why_and_what_it_would_look_like(tmp_path: Path) -> None:
    for name in NAMES:
        text = (SAMPLE / name).read_text().replace("guardrails: ", "guardrails:\n  price_step: 20x  ", 1)
        (tmp_path / name).write_text(text)
    found = lines("audit_for_enterprise", tmp_path, "--plan", "team", "--seats", 1)
    assert found[1].startswith("  would not be made: too_steep")
    assert found[2:5] == [
        "  would need a smaller step, or a price_step that allows it",
        "  what it would look like:",
        "  in modal, open for 7d",
    ]


def test_numbers_at_which_nothing_fires_are_told_of() -> None:
    assert lines("more_storage", SAMPLE, "--meter", "storage_gb=1")[1] == "  the moment would not fire at these numbers"
    assert told("more_storage", SAMPLE, "--meter", "storage_gb=1")["would_be_made"] is False


def test_a_program_gets_the_offer_as_it_would_travel() -> None:
    found = told("extra_terabyte", SAMPLE, "--plan", "free")
    assert found["would_be_made"]
    assert found["account"]["meters"] == {"storage_gb": "1.6"}
    assert found["offer"]["content"] == {"title": "1000 GB more, beside your plan"}
    assert [option["id"] for option in found["offer"]["options"]] == ["more_storage_1tb"]
    stopped = told("report_insights", SAMPLE, "--owns", "insights")
    assert (stopped["would_be_made"], stopped["offer"], stopped["stopped"]["reason"]) == (False, None, "owned")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("more_storag",), "'more_storag' is not an offer of the set: did you mean 'more_storage'?"),
        (("more_storage", "--plan", "fre"), "'fre' is not a plan of the product: did you mean 'free'?"),
        (("more_storage", "--moment", "first_report"), "'first_report' is not a moment that earns it"),
        (("more_storage", "--step", "85%"), "'85%' is not a step of the moment: did you mean '80%'?"),
        (("more_storage", "--meter", "storge_gb=1"), "'storge_gb' is not a meter of the product: did you mean"),
        (("more_storage", "--meter", "storage_gb=much"), "'much' is not what meter 'storage_gb' stands at"),
        (("more_storage", "--limit", "storage_gb=none"), "'none' is not a limit of 'storage_gb'"),
        (("more_storage", "--fact", "team=5"), "'team' is not a fact that the product document declares"),
        (("more_storage", "--owns", "photo"), "'photo' is not a product: did you mean 'photos'?"),
        (("more_storage", "--variant", "b"), "'b' is not a variant of it"),
    ],
)
def test_what_the_set_does_not_have_is_told(words: tuple[str, ...], why: str) -> None:
    result = rung("preview", words[0], SAMPLE, *words[1:])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {why}")


def test_a_pair_without_its_half_is_told() -> None:
    result = rung("preview", "more_storage", SAMPLE, "--meter", "storage_gb")
    assert result.exit_code == 2
    assert "--meter" in result.stderr


# --- an account of a deployment -----------------------------------------------------------------------


@pytest.fixture
def decided(kafka: KafkaSettings) -> None:
    """The sample is in force, and decided about acme, which is on the free plan and stored 1.9 GB."""
    assert rung("publish", SAMPLE).exit_code == 0
    bench = Bench(compile_set([(name, (SAMPLE / name).read_text()) for name in NAMES], 0))
    bench.tell(AccountCreated, plan="free")
    bench.store("1.9")

    async def send() -> None:
        topics = (DECISIONS, OFFERS)
        await create_topics(kafka.bootstrap_servers, kafka.topic_prefix, partitions=3, topics=topics)
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            for event in bench.told:
                if TOPIC_OF[type(event)] in topics:
                    await sender.send(TOPIC_OF[type(event)], event)

    asyncio.run(send())


@pytest.mark.usefixtures("decided")
def test_an_offer_that_was_made_is_shown_as_it_was() -> None:
    found = lines("more_storage", "--account", "acme")
    assert found[0] == "more_storage, for acme on free, storage_gb 1.9"
    assert '  "You have used 1.9 of 2 GB"' in found
    assert told("more_storage", "--account", "acme")["offer"]["made_at"] == "2026-03-01T09:00:00Z"


@pytest.mark.usefixtures("decided")
def test_another_text_is_shown_with_the_numbers_of_the_account(tmp_path: Path) -> None:
    for name in NAMES:
        text = (SAMPLE / name).read_text().replace("You have used", "In use are")
        (tmp_path / name).write_text(text)
    assert '  "In use are 1.9 of 2 GB"' in lines("more_storage", tmp_path, "--account", "acme")


@pytest.mark.usefixtures("decided")
def test_what_is_said_goes_before_what_is_known_of_the_account() -> None:
    assert '  "You have used 1.9 of 2.1 GB"' in lines("more_storage", "--account", "acme", "--limit", "storage_gb=2.1")


@pytest.mark.usefixtures("decided")
def test_an_account_that_nothing_was_decided_about_is_told() -> None:
    result = rung("preview", "more_storage", "--account", "nobody")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: no decision about nobody is kept: without --account one is made up\n",
    )
