from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.deployment.realtime.telemetry.trace_parent import new_trace, trace_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def named(value: str | bytes) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"h"), (b"traceparent", value if isinstance(value, bytes) else value.encode())]


@pytest.mark.parametrize("value", [f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00", f"cc-{TRACE}-{SPAN}-01-what-else"])
def test_trace_is_the_one_that_the_caller_names(value):
    assert trace_of(named(value)) == TRACE


@pytest.mark.parametrize(
    "value",
    [
        "", "x", TRACE, f"00-{TRACE}-{SPAN}", f"00-{TRACE}-{SPAN}-1", f"00-{TRACE.upper()}-{SPAN}-01",
        f"ff-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE}-{SPAN}-01-more",
        f" 00-{TRACE}-{SPAN}-01", f"00-{TRACE[:-1]}-{SPAN}-01",
    ],
)  # fmt: skip
def test_what_the_standard_refuses_is_no_trace(value):
    assert trace_of(named(value)) == ""


def test_trace_that_is_named_twice_is_none():
    assert trace_of(named(f"00-{TRACE}-{SPAN}-01") * 2) == ""
    assert trace_of([]) == ""


@given(st.binary(max_size=80))
def test_nothing_that_a_caller_sends_breaks_it(value):
    assert trace_of(named(value)) == "" or len(trace_of(named(value))) == 32


def test_new_traces_are_such_and_differ():
    found = {new_trace() for _ in range(100)}
    assert len(found) == 100
    assert all(trace_of(named(f"00-{each}-{SPAN}-01")) == each for each in found)
