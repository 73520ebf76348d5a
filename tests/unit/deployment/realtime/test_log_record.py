from __future__ import annotations

import json

import msgspec
import pytest

from millwright.core.ids import PredictionId, new_id
from millwright.deployment.realtime.log_record import FIELDS, UNPACKABLE, json_text, pack, pack_as_text, unpacked

FEATURES = {"days": 45.5, "crews": 3, "permit": None, "borough": "Queens", "start": "2026-03-01", "note": "ä"}


@pytest.fixture
def source(make_served):
    return make_served().log_sources["site"]


VALUES = tuple(FEATURES.values())


def make_row(features=VALUES):
    return (PredictionId(new_id()), 1772366400.25, 0.5, "r", None, features, {"prediction": "v1"})


def test_record_holds_the_fields_of_a_row_as_message_pack():
    row = make_row()
    fields = msgspec.msgpack.decode(pack(row))
    assert len(fields) == FIELDS
    assert fields == [*row[:5], list(row[5]), row[6]]


def test_records_are_read_one_behind_the_other():
    rows = [make_row(), make_row({"days": 1}), make_row("{}")]
    found = unpacked(b"".join(map(pack, rows)), 3)
    assert [each[0] for each in found] == [each[0] for each in rows]
    assert [each[5] for each in found] == [list(VALUES), {"days": 1}, "{}"]


@pytest.mark.parametrize("odd", [2**70, "\ud800", object()])
def test_what_cannot_be_packed_is_json_as_text(source, odd):
    row = make_row((*VALUES[:5], odd))
    with pytest.raises(UNPACKABLE):
        pack(row)
    ((*_, features, outputs),) = unpacked(pack_as_text(source, row), 1)
    told = json.loads(features)
    assert told == {**FEATURES, "note": repr(odd) if type(odd) is object else odd}
    assert json.loads(outputs) == row[-1]


def test_text_stays_as_it_is_and_numbers_that_json_does_not_have_are_null(source):
    assert json_text(source.features, '{"a":1}') == '{"a":1}'
    assert json.loads(json_text(source.outputs, ["v1", float("nan")])) == {"prediction": "v1", "probability": None}
