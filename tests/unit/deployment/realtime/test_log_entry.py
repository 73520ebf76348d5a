from __future__ import annotations

from millwright.deployment.realtime.log_entry import LoggedColumns, LogSource
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task

ARRAY = SignatureColumn(name="image", type=ColumnType.TENSOR, dtype="float32", shape=(2,))
NOTE = SignatureColumn(name="note", type=ColumnType.TEXT)
COUNT = SignatureColumn(name="count", type=ColumnType.INTEGER)


def test_source_names_what_its_predictions_have_in_common(make_served):
    served = make_served(3)
    source = served.log_sources["site"]
    assert (source.endpoint, source.model, source.version) == ("site", "delay", 3)
    assert source.features.names == served.input_names
    assert source.outputs.names == ("prediction", "probability")
    assert served.log_sources["site"] is source
    assert served.log_sources["other"].endpoint == "other"


def test_size_grows_with_the_body_and_the_columns(make_served):
    source = make_served().log_sources["site"]
    assert source.size(1_000) == source.size(0) + 1_000
    narrow = Signature(inputs=(NOTE,), outputs=(COUNT,), task=Task.REGRESSION, target="count")
    assert LogSource("site", make_served().record, narrow).size(0) < source.size(0)


def test_values_are_picked_in_order_also_of_one_column():
    row = {"count": 2, "note": "x"}
    assert LoggedColumns((NOTE, COUNT)).pick(row) == ("x", 2)
    assert LoggedColumns((COUNT,)).pick(row) == (2,)


def test_columns_with_arrays_are_not_plain_and_weigh_more(make_served):
    assert LoggedColumns((NOTE, COUNT)).are_plain
    assert not LoggedColumns((NOTE, ARRAY)).are_plain
    assert not LoggedColumns(()).are_plain
    assert make_served().log_sources["site"].is_plain
    signature = Signature(inputs=(ARRAY,), outputs=(COUNT,), task=Task.REGRESSION, target="count")
    source = LogSource("site", make_served().record, signature)
    assert source.size(1_000) > source.size(0) + 1_000
    assert not source.is_plain
