from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from millwright.core.ids import PredictionId, new_id
from millwright.deployment.realtime.log_batch import LogBatch
from millwright.deployment.realtime.log_entry import LogSource
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.prediction import PredictionColumns
    from millwright.deployment.realtime.log_entry import LogEntry

AT_S = 1772366400.123456
FEATURES = {"days": 45.5, "crews": 3, "permit": None, "borough": "Queens", "start": "2026-03-01", "note": "ä"}
OUTPUTS = {"prediction": "v1", "probability": 0.25}


@pytest.fixture
def source(make_served) -> LogSource:
    found: LogSource = make_served().log_source("site")
    return found


def entry(source: LogSource, features: Any, outputs: Mapping[str, Any] = OUTPUTS, key: str | None = None) -> LogEntry:
    return (source, PredictionId(new_id()), AT_S, features, outputs, 0.0015, "r", key, 100)


def columns(*entries: LogEntry) -> list[PredictionColumns]:
    batch = LogBatch()
    batch.add([field for each in entries for field in each])
    return batch.parts()


def test_entries_become_columns(source):
    first, second = entry(source, tuple(FEATURES.values())), entry(source, FEATURES, key="k")
    (found,) = columns(first, second)
    assert (found.endpoint, found.model, found.version) == ("site", "delay", 1)
    for number, each in enumerate((first, second)):
        record = found[number]
        assert (record.id, record.request_id, record.key) == (each[1], "r", each[7])
        assert record.at == datetime.fromtimestamp(AT_S, UTC)
        assert record.latency_ms == pytest.approx(1.5)
        assert record.features == FEATURES
        assert record.outputs == OUTPUTS
    assert {name: type(value) for name, value in found[0].features.items()} == {
        "days": float, "crews": int, "permit": type(None), "borough": str, "start": str, "note": str,
    }  # fmt: skip


def test_batch_counts_its_rows_and_their_bytes(source):
    batch = LogBatch()
    assert (batch.rows, batch.size, batch.parts()) == (0, 0, [])
    batch.add([*entry(source, FEATURES), *entry(source, FEATURES)])
    batch.add([*entry(source, FEATURES)])
    assert (batch.rows, batch.size) == (3, 300)


def test_rows_are_in_the_order_in_which_they_were_added(source):
    entries = [entry(source, FEATURES, key=str(number)) for number in range(5)]
    batch = LogBatch()
    for part in (entries[:2], entries[2:3], entries[3:]):
        batch.add([field for each in part for field in each])
    (found,) = batch.parts()
    assert list(found.id) == [each[1] for each in entries]
    assert list(found.key) == list("01234")


def test_row_that_does_not_fit_comes_late(source):
    odd = {"days": 1.5}
    batch = LogBatch()
    for row in (tuple(FEATURES.values()), FEATURES, odd, tuple(FEATURES.values()), FEATURES):
        batch.add([*entry(source, row)])
    (found,) = batch.parts()
    assert [record.features for record in found] == [FEATURES, FEATURES, odd, FEATURES, FEATURES]


def test_each_version_and_endpoint_is_a_part_of_its_own(make_served):
    sources = [make_served(1).log_source("a"), make_served(2).log_source("a"), make_served(1).log_source("b")]
    entries = [entry(sources[number % 3], FEATURES) for number in range(9)]
    parts = columns(*entries)
    assert [(part.endpoint, part.version, len(part)) for part in parts] == [("a", 1, 3), ("a", 2, 3), ("b", 1, 3)]
    assert [list(part.id) for part in parts] == [[each[1] for each in entries[number::3]] for number in range(3)]


@pytest.mark.parametrize(
    "row",
    [
        {"days": 1.5},
        {**FEATURES, "more": [1, {"a": None}]},
        {**FEATURES, "crews": "three"},
        {**FEATURES, "crews": 2**70},
        {**FEATURES, "note": ["a", 1]},
    ],
)
def test_rows_that_do_not_fit_the_columns_are_kept_as_they_are(source, row):
    (found,) = columns(entry(source, row), entry(source, FEATURES))
    assert [record.features for record in found] == [row, FEATURES]
    assert found[0].outputs == OUTPUTS


def test_whole_floats_are_integers_in_a_column_of_those(source):
    (found,) = columns(entry(source, {**FEATURES, "crews": 3.0}), entry(source, {**FEATURES, "crews": None}))
    assert [record.features["crews"] for record in found] == [3, None]


def test_numbers_that_json_does_not_have_are_missing(source):
    outputs = [{"prediction": "v1", "probability": value} for value in (math.nan, math.inf, 0.5)]
    (found,) = columns(*(entry(source, FEATURES, each) for each in outputs))
    assert [record.outputs["probability"] for record in found] == [None, None, 0.5]


def test_arrays_are_kept_as_lists(source):
    row = {**FEATURES, "note": np.array([[1.5, 2.5]])}
    (found,) = columns(entry(source, row))
    assert found[0].features["note"] == [[1.5, 2.5]]


def test_rows_with_arrays_are_kept_as_texts(make_served):
    array = SignatureColumn(name="image", type=ColumnType.TENSOR, dtype="float32", shape=(2,))
    output = SignatureColumn(name="prediction", type=ColumnType.NUMBER)
    signature = Signature(inputs=(array,), outputs=(output,), task=Task.REGRESSION, target="x")
    source = LogSource("site", make_served().record, signature)
    rows = [(np.array([1.5, 2.0]),), {"image": [3.0, 4.0]}]
    (found,) = columns(*(entry(source, row, {"prediction": 1.0}) for row in rows))
    assert [record.features for record in found] == [{"image": [1.5, 2.0]}, {"image": [3.0, 4.0]}]
    assert found[0].outputs == {"prediction": 1.0}
