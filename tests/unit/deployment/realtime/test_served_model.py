from __future__ import annotations

from millwright.deployment.realtime.served_model import ModelSlot


def test_served_model_names_itself_and_its_columns(make_served):
    served = make_served(3)
    assert (served.name, served.version, served.ref, served.ref_header) == ("delay", 3, "delay@3", b"delay@3")
    assert served.input_names == ("days", "crews", "permit", "borough", "start", "note")
    assert served.output_names == ("prediction", "probability")


def test_header_of_a_name_beyond_ascii_is_ascii(make_served):
    assert make_served(1, "verzögerung").ref_header == b"verz\\xf6gerung@1"


def test_slot_holds_what_was_put_last(make_served):
    slot = ModelSlot("site", make_served(1))
    slot.current = make_served(2)
    assert slot.current.version == 2
