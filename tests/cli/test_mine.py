"""`rung mine`, as in a shell."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.running import lines_of, rung

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"
FEW = ("--baskets", 1)
TEA = "tea,milk\ntea,milk\ntea\nmilk,sea salt\nsea salt\n"


@pytest.fixture
def tea(tmp_path: Path) -> Path:
    path = tmp_path / "tea.csv"
    path.write_text(TEA)
    return path


def test_complements_are_told_as_a_table_and_as_lines_to_paste(tea: Path) -> None:
    result = rung("mine", tea, *FEW)
    assert (result.exit_code, result.stderr) == (0, "")
    assert lines_of(result) == [
        "5 baskets, 3 items, 2 pairs that hold",
        "bought  goes with  support  confidence    lift  baskets",
        "milk    tea         40.00%      66.67%    1.11        2",
        "tea     milk        40.00%      66.67%    1.11        2",
        "# for the products of the product document:",
        "- {id: tea, goes_with: {milk: 1.1111}}",
        "- {id: milk, goes_with: {tea: 1.1111}}",
    ]


def test_only_the_lines_to_paste_and_an_item_becomes_an_id(tea: Path) -> None:
    result = rung("mine", tea, *FEW, "--lift", "0.5", "--goes-with", "--most", 1)
    assert lines_of(result) == [
        "- {id: tea, goes_with: {milk: 1.1111}}",
        "- {id: milk, goes_with: {tea: 1.1111}}",
        "- {id: sea_salt, goes_with: {milk: 0.8333}}",
    ]


def test_a_program_gets_every_pair_that_holds(tea: Path) -> None:
    told = json.loads(rung("mine", tea, *FEW, "--json").stdout)
    assert (told["baskets"], told["items"]) == (5, 3)
    assert told["pairs"][1] == {
        "bought": "tea",
        "complement": "milk",
        "baskets": 2,
        "support": "0.4",
        "confidence": "0.66666667",
        "lift": "1.11111111",
    }


def test_pairs_of_basket_and_item_are_read_from_standard_input() -> None:
    pairs = "".join(f"{number};{item}\n" for number, line in enumerate(TEA.splitlines()) for item in line.split(","))
    told = rung("mine", "-", "--form", "pairs", "--separator", ";", *FEW, "--json", stdin=pairs).stdout
    assert [pair["bought"] for pair in json.loads(told)["pairs"]] == ["milk", "tea"]


def test_a_compressed_file_is_the_same(tea: Path, tmp_path: Path) -> None:
    packed = tmp_path / "tea.csv.gz"
    packed.write_bytes(gzip.compress(tea.read_bytes()))
    assert rung("mine", packed, *FEW).stdout == rung("mine", tea, *FEW).stdout


def test_what_a_product_document_does_not_sell_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "bought.csv"
    path.write_text("plus,photos,tea\n" * 3 + "plus\ntea\n")
    told = json.loads(rung("mine", path, *FEW, "--product", SAMPLE / "product.yaml", "--json").stdout)
    assert [(pair["bought"], pair["complement"]) for pair in told["pairs"]] == [("photos", "plus"), ("plus", "photos")]


def test_a_bad_line_is_told_with_its_number(tea: Path) -> None:
    tea.write_text(TEA + "tea,,milk\n")
    result = rung("mine", tea)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {tea}: line 6: item 2 is empty\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"tea\n\xff\n", "line 2: is not text in UTF-8", id="no text"),
        pytest.param(
            gzip.compress(b"tea,milk\n")[:-4],
            "Compressed file ended before the end-of-stream marker was reached",
            id="cut off",
        ),
    ],
)
def test_a_file_that_can_not_be_read_is_told(tea: Path, content: bytes, why: str) -> None:
    tea.write_bytes(content)
    result = rung("mine", tea)
    assert (result.exit_code, result.stderr) == (1, f"error: {tea}: {why}\n")


def test_nothing_that_holds_is_told_with_what_would_help(tea: Path) -> None:
    result = rung("mine", tea)
    assert result.exit_code == 0
    assert lines_of(result)[0] == "5 baskets, 3 items, 0 pairs that hold"
    assert lines_of(result)[1].startswith("nothing is bought together so often: lower --support")


@pytest.mark.parametrize("wrong", [("--support", "many"), ("--separator", "::")])
def test_a_wrong_option_is_told(tea: Path, wrong: tuple[str, str]) -> None:
    result = rung("mine", tea, *wrong)
    assert result.exit_code == 2
    assert wrong[0] in result.stderr
