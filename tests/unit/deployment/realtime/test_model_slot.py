from __future__ import annotations

from millwright.deployment.realtime.model_slot import ModelSlot


def test_slot_holds_what_was_put_last(make_served):
    slot = ModelSlot("site", make_served(1))
    before = slot.lineup
    slot.replace(make_served(2))
    assert slot.current.version == 2
    assert before.primary.served.version == 1  # a request goes on with what it began with
