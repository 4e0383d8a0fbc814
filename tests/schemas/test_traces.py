"""The header of W3C Trace Context: what is read, what is not, and that it stays what it was."""

from __future__ import annotations

import pytest

from schemas.traces import Trace, kept_trace, told_trace

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("flags", "sampled"),
    [("01", True), ("00", False), ("03", True), ("02", False), ("ff", True)],
)
def test_whether_somebody_keeps_a_trace_is_one_bit_of_its_flags(flags: str, *, sampled: bool) -> None:
    assert Trace.read(f"00-{TRACE}-{SPAN}-{flags}") == (TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"00-{TRACE}-{SPAN}", id="no flags"),
        pytest.param(f"00-{TRACE.upper()}-{SPAN}-01", id="large letters"),
        pytest.param(f"00-{TRACE[:-1]}-{SPAN}-01", id="a short trace"),
        pytest.param(f"00-{TRACE}-{SPAN}0-01", id="a long span"),
        pytest.param(f"00-{'0' * 32}-{SPAN}-01", id="no trace"),
        pytest.param(f"00-{TRACE}-{'0' * 16}-01", id="no span"),
        pytest.param(f"ff-{TRACE}-{SPAN}-01", id="the version that is none"),
        pytest.param(f"00-{TRACE}-{SPAN}-01-more", id="more than version 00 has"),
        pytest.param(f" 00-{TRACE}-{SPAN}-01", id="a blank"),
        pytest.param(f"00-{TRACE}-{SPAN}-01\n", id="a line's end"),
        pytest.param(f"00-{TRACE}-{SPAN}-0g", id="no number"),
    ],
)
def test_what_is_malformed_is_no_trace(told: str) -> None:
    assert Trace.read(told) is None


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert Trace.read(f"cc-{TRACE}-{SPAN}-01-what-comes-then") == (TRACE, SPAN, True)
    assert Trace.read(f"cc-{TRACE}-{SPAN}-01what") is None


@pytest.mark.parametrize("sampled", [True, False])
def test_a_trace_that_was_written_is_read_as_the_same(*, sampled: bool) -> None:
    trace = Trace(TRACE, SPAN, sampled)
    assert Trace.read(str(trace)) == trace
    assert told_trace([trace.header]) == str(trace)


def test_of_headers_only_a_trace_that_somebody_keeps_is_handed_on() -> None:
    kept, dropped = Trace(TRACE, SPAN).header, Trace(TRACE, SPAN, sampled=False).header
    assert kept_trace([("content-type", b"x"), kept]) == Trace(TRACE, SPAN)
    assert kept_trace([("Traceparent", kept[1])]) == Trace(TRACE, SPAN)
    assert kept_trace([dropped]) is None
    assert kept_trace([("traceparent", b"\xff")]) is None
    assert kept_trace([("traceparent", None), ("tracestate", b"a=b")]) is None


def test_of_two_traces_nobody_knows_which_holds() -> None:
    one = Trace(TRACE, SPAN).header
    assert kept_trace([one, one]) is None
    assert told_trace([one, one]) is not None
