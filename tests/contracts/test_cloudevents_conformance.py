"""The CloudEvents project's own conformance data and SDK output, read by our intake.

Rung asks for more than CloudEvents does: ``subject`` and ``time`` are required, ``data`` is JSON of our shape. So a
valid event is accepted exactly when it has these; and an invalid one is tried a second time with what only we ask for
added, so that its own fault is what refuses it.
"""

import base64
import json
from functools import lru_cache
from typing import Any, Final

import pytest

from schemas.codec import UnreadableEvent, decode_usage
from schemas.usage import UsageEvent
from tests.contracts.real_data import folder

Json = dict[str, Any]

OURS: Final[Json] = {"subject": "acme", "time": "2018-04-05T17:31:00Z"}
"""What Rung asks for beyond the specification."""

VALID_IN_ALL: Final = 10
INVALID_IN_ALL: Final = 25
"""Cases in the conformance files, as their README counts them."""

JAVA_REFUSED: Final = {
    "v1_base64_json_data.json": "data_base64: ",
    "v1_base64_json_data_with_ext.json": "data_base64: ",
    "v1_base64_text_data.json": "data_base64: ",
    "v1_base64_xml_data.json": "data_base64: ",
    "v1_fail_numeric_decimal.json": "decimal: ",
    "v1_fail_numeric_long.json": "long: ",
    "v1_json_data_with_ext_invalid.json": "a_invalid_name: ",
    "v1_json_data_with_ext_upper_case.json": "aString: ",
    "v1_text_data.json": "datacontenttype: ",
    "v1_xml_data.json": "datacontenttype: ",
}
"""Of the Java SDK's events in version 1.0: what is at fault, for the specification or for us. The others are read."""


@lru_cache
def _cases(file: str) -> dict[str, Json]:
    tests = json.loads((folder("cloudevents_conformance") / "format" / "json" / file).read_text())["tests"]
    return {case["id"]: case["event"] for case in tests}


def _refusal(event: Json) -> str | None:
    """Why ``event`` is refused, or None when it is read."""
    try:
        decode_usage(json.dumps(event).encode())
    except UnreadableEvent as error:
        return error.detail
    return None


def _completed(event: Json) -> Json:
    return {**OURS, **{name: value for name, value in event.items() if value is not None}}


def test_the_conformance_cases_are_all_there() -> None:
    assert len(_cases("valid-events.json")) == VALID_IN_ALL
    assert len(_cases("invalid-events.json")) == INVALID_IN_ALL


def test_every_invalid_event_is_refused() -> None:
    read = [name for name, event in _cases("invalid-events.json").items() if _refusal(event) is None]
    assert read == []


def test_every_invalid_event_is_refused_for_its_own_fault_when_it_has_all_that_we_ask_for() -> None:
    read = [name for name, event in _cases("invalid-events.json").items() if _refusal(_completed(event)) is None]
    assert read == []


def test_every_valid_event_is_refused_while_it_lacks_what_we_ask_for_and_is_told_so() -> None:
    for name, event in _cases("valid-events.json").items():
        told = _refusal(event)
        lacking = [attribute for attribute in OURS if event.get(attribute) is None]
        for attribute in lacking:
            assert told is not None, name
            assert f"{attribute}: Field required" in told, name


def test_every_valid_event_of_json_data_is_read_once_it_has_what_we_ask_for() -> None:
    refused = {
        name: told for name, event in _cases("valid-events.json").items() if (told := _refusal(_completed(event)))
    }
    assert set(refused) == {"validAllCoreAttributes", "validSimpleTextData"}
    assert all("datacontenttype: " in told for told in refused.values())


def test_all_extension_types_are_kept() -> None:
    case = _completed(_cases("valid-events.json")["validAllExtensionTypes"])
    event = decode_usage(json.dumps(case).encode())
    assert event.model_extra == {name: value for name, value in case.items() if name.startswith("ext")}


def test_an_older_cloudevents_is_refused() -> None:
    older = sorted((folder("cloudevents_conformance") / "sdk_java_json").glob("v03_*.json"))
    old = [event for path in older if (event := json.loads(path.read_text()))["specversion"] == "0.3"]
    assert len(old) == len(older) - 2  # two files named v03 say 1.0
    for event in old:
        assert "specversion: " in (_refusal(_completed(event)) or "")


def test_the_java_sdks_events_are_read_or_refused_for_what_is_at_fault() -> None:
    files = sorted((folder("cloudevents_conformance") / "sdk_java_json").glob("v1_*.json"))
    refused = {path.name: told for path in files if (told := _refusal(_completed(json.loads(path.read_text()))))}
    assert set(refused) == set(JAVA_REFUSED)
    assert [name for name, told in refused.items() if JAVA_REFUSED[name] not in told] == []


def test_binary_data_in_the_java_sdks_events_is_what_it_claims() -> None:
    """Guards the table above: the base64 cases are refused for being base64, and not for being broken."""
    path = folder("cloudevents_conformance") / "sdk_java_json" / "v1_base64_json_data.json"
    assert base64.b64decode(json.loads(path.read_text())["data_base64"]) == b"{}"


def test_a_batch_is_refused_since_a_record_is_one_event() -> None:
    batches = json.loads((folder("cloudevents_conformance") / "format" / "json" / "valid-batches.json").read_text())
    for case in batches["tests"]:
        with pytest.raises(UnreadableEvent, match="not a JSON object"):
            decode_usage(json.dumps(case["batch"]).encode())


def test_data_that_is_not_there_is_a_failure_that_says_where_to_put_it() -> None:
    with pytest.raises(FileNotFoundError, match="no_such_data is missing: put"):
        folder("no_such_data")


def _python_requests() -> list[Json]:
    lines = (folder("cloudevents_conformance") / "sdk_python_http.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def _on_kafka(request: Json) -> tuple[bytes, list[tuple[str, bytes | None]]]:
    """An HTTP request as the Kafka record that says the same; the payload goes to ``properties``, as ours must."""
    headers: list[tuple[str, bytes | None]] = [
        (name.replace("ce-", "ce_"), text.encode()) for name, text in request["headers"].items()
    ]
    body = json.loads(request["body"])
    if request["mode"] == "structured":
        return json.dumps(body | {"data": {"properties": body["data"]}}).encode(), headers
    return json.dumps({"properties": body}).encode(), headers


def test_the_python_sdks_structured_and_binary_requests_read_to_the_same_events() -> None:
    requests = _python_requests()
    structured = [decode_usage(*_on_kafka(request)) for request in requests if request["mode"] == "structured"]
    binary = [decode_usage(*_on_kafka(request)) for request in requests if request["mode"] == "binary"]
    assert len(structured) == 4
    assert structured == binary
    assert all(isinstance(event, UsageEvent) and event.model_extra == {"userid": "u-1001"} for event in structured)


def test_the_python_sdks_payload_is_refused_where_it_is_not_of_our_shape() -> None:
    for request in _python_requests():
        headers = [(name.replace("ce-", "ce_"), text.encode()) for name, text in request["headers"].items()]
        with pytest.raises(UnreadableEvent, match=r"invalid: data\.\w+: Extra inputs"):
            decode_usage(request["body"].encode(), headers)
