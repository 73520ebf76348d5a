from __future__ import annotations

from millwright.deployment.realtime.served_model import ServedModel


def test_served_model_names_itself_and_its_columns(make_served):
    served = make_served(3)
    assert (served.name, served.version, served.ref, served.ref_header) == ("delay", 3, "delay@3", b"delay@3")
    assert served.input_names == ("days", "crews", "permit", "borough", "start", "note")
    assert served.output_names == ("prediction", "probability")


def test_header_of_a_name_beyond_ascii_is_ascii(make_served):
    assert make_served(1, "verzögerung").ref_header == b"verz\\xf6gerung@1"


class Adding:
    asked = ()

    def rows(self, rows: object) -> object:
        return rows


def test_caller_is_asked_for_the_signature_unless_the_server_adds_some_of_it(make_served):
    plain = make_served()
    assert plain.asked == plain.signature.inputs
    assert ServedModel(plain.record, plain.predictor, enrichment=Adding()).asked == ()


def test_model_that_looks_something_up_is_not_answered_in_the_event_loop(make_served):
    plain = make_served()
    assert plain.is_quick
    assert not ServedModel(plain.record, plain.predictor, enrichment=Adding()).is_quick
    assert not ServedModel(plain.record, plain.predictor, batcher=object()).is_quick
