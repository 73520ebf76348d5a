from __future__ import annotations

from typing import Any

import pytest

from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.model_slot import ModelSlot


@pytest.fixture
def slot(make_served) -> ModelSlot:
    return ModelSlot("delay", make_served(1))


def call_of(slot: ModelSlot, *headers: tuple[bytes, bytes]) -> Call:
    nothing: Any = None
    return Call(nothing, slot, slot.lineup.primary, body=b"", headers=headers, query=b"", request_id="x")


def test_header_is_found_by_its_lower_case_name(slot):
    call = call_of(slot, (b"a", b"1"), (b"a", b"2"))
    assert (call.header(b"a"), call.header(b"b")) == (b"1", b"")


def test_call_keeps_the_line_up_and_version_that_it_began_with(slot, make_served):
    before, call = slot.lineup, call_of(slot)
    slot.replace(make_served(2))
    assert call.lineup is before
    assert call.served is before.primary.served
    assert slot.lineup is not before
