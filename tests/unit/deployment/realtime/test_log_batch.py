from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.core.ids import PredictionId, new_id
from millwright.deployment.realtime.log_batch import LogBatch
from millwright.deployment.realtime.log_entry import LogSource
from millwright.deployment.realtime.log_record import pack
from millwright.deployment.realtime.log_records import LogBuffers
from millwright.deployment.realtime.log_rows import LogRows
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.prediction import PredictionColumns
    from millwright.deployment.realtime.log_record import LogRow

AT_S = 1772366400.123456
FEATURES = {"days": 45.5, "crews": 3, "permit": None, "borough": "Queens", "start": "2026-03-01", "note": "ä"}
OUTPUTS = {"prediction": "v1", "probability": 0.25}


@pytest.fixture
def source(make_served) -> LogSource:
    found: LogSource = make_served().log_sources["site"]
    return found


def row(features: Any, outputs: Mapping[str, Any] = OUTPUTS, key: str | None = None) -> LogRow:
    return (PredictionId(new_id()), AT_S, 0.0015, "r", key, features, outputs)


def columns(source: LogSource, *rows: LogRow) -> list[PredictionColumns]:
    batch = LogBatch(LogBuffers())
    batch.add(LogRows(source, rows, 100))
    return batch.parts()


def test_rows_become_columns(source):
    first, second = row(tuple(FEATURES.values())), row(FEATURES, key="k")
    (found,) = columns(source, first, second)
    assert (found.endpoint, found.model, found.version) == ("site", "delay", 1)
    for number, each in enumerate((first, second)):
        record = found[number]
        assert (record.id, record.request_id, record.key) == (each[0], "r", each[4])
        assert record.at == datetime.fromtimestamp(AT_S, UTC)
        assert record.latency_ms == pytest.approx(1.5)
        assert record.features == FEATURES
        assert record.outputs == OUTPUTS
    assert isinstance(found.features, dict)
    assert {name: values.dtype for name, values in found.features.items()} == {
        "days": pl.Float64, "crews": pl.Int64, "permit": pl.Boolean, "borough": pl.String, "start": pl.String,
        "note": pl.String,
    }  # fmt: skip


def test_batch_counts_its_rows_and_their_bytes(source):
    batch = LogBatch(LogBuffers())
    assert (batch.rows, batch.size, batch.parts()) == (0, 0, [])
    record = pack(row(tuple(FEATURES.values())))
    assert batch.add_records(source, [record, record]) == 2 * len(record)
    taken = LogRows(source, [row(FEATURES)], 100)
    batch.add(taken)
    assert (batch.rows, batch.size) == (3, 2 * len(record) + taken.size)


def test_rows_are_in_the_order_in_which_they_were_added(source):
    rows = [row(FEATURES, key=str(number)) for number in range(5)]
    batch = LogBatch(LogBuffers())
    for part in (rows[:2], rows[2:3], rows[3:]):
        batch.add(LogRows(source, part, 100))
    (found,) = batch.parts()
    assert list(found.id) == [each[0] for each in rows]
    assert list(found.key) == list("01234")


def test_row_that_does_not_fit_comes_late(source):
    odd = {"days": 1.5}
    batch = LogBatch(LogBuffers())
    for each in (tuple(FEATURES.values()), FEATURES, odd, tuple(FEATURES.values()), FEATURES):
        batch.add(LogRows(source, [row(each)], 100))
    (found,) = batch.parts()
    assert [record.features for record in found] == [FEATURES, FEATURES, odd, FEATURES, FEATURES]


def test_each_version_and_endpoint_is_a_part_of_its_own(make_served):
    sources = [make_served(1).log_sources["a"], make_served(2).log_sources["a"], make_served(1).log_sources["b"]]
    rows = [row(FEATURES) for number in range(9)]
    batch = LogBatch(LogBuffers())
    for number, each in enumerate(rows):
        batch.add(LogRows(sources[number % 3], [each], 100))
    parts = batch.parts()
    assert [(part.endpoint, part.version, len(part)) for part in parts] == [("a", 1, 3), ("a", 2, 3), ("b", 1, 3)]
    assert [list(part.id) for part in parts] == [[each[0] for each in rows[number::3]] for number in range(3)]


def test_memory_of_what_was_written_serves_the_next_batch(source):
    pool = LogBuffers()
    batch = LogBatch(pool)
    batch.add(LogRows(source, [row(FEATURES)], 100))
    (found,) = batch.parts()
    batch.release()
    assert batch.parts() == []
    other = LogBatch(pool)
    other.add(LogRows(source, [row({**FEATURES, "note": "other"})], 100))
    assert found[0].features == FEATURES
    assert other.parts()[0][0].features["note"] == "other"


@pytest.mark.parametrize(
    "odd",
    [
        {"days": 1.5},
        {**FEATURES, "more": [1, {"a": None}]},
        {**FEATURES, "crews": "three"},
        {**FEATURES, "crews": 2**70},
        {**FEATURES, "note": ["a", 1]},
        {f"x{number}": 0 for number in range(6)},
    ],
)
def test_rows_that_do_not_fit_the_columns_are_kept_as_they_are(source, odd):
    (found,) = columns(source, row(odd), row(FEATURES))
    assert [record.features for record in found] == [odd, FEATURES]
    assert found[0].outputs == OUTPUTS


@pytest.mark.parametrize("odd", [{"prediction": "v1"}, {"prediction": "v1", "other": 0.5}, {**OUTPUTS, "more": 1}, {}])
def test_outputs_of_other_names_are_kept_as_they_are(source, odd):
    (found,) = columns(source, row(FEATURES), row(FEATURES, odd))
    assert [record.outputs for record in found] == [OUTPUTS, odd]
    assert found[1].features == FEATURES


def test_whole_floats_are_integers_in_a_column_of_those(source):
    (found,) = columns(source, row({**FEATURES, "crews": 3.0}), row({**FEATURES, "crews": None}))
    assert [record.features["crews"] for record in found] == [3, None]


def test_numbers_that_json_does_not_have_are_missing(source):
    outputs = [{"prediction": "v1", "probability": value} for value in (math.nan, math.inf, 0.5)]
    (found,) = columns(source, *(row(FEATURES, each) for each in outputs))
    assert [record.outputs["probability"] for record in found] == [None, None, 0.5]


def test_arrays_are_kept_as_lists(source):
    (found,) = columns(source, row({**FEATURES, "note": np.array([[1.5, 2.5]])}))
    assert found[0].features["note"] == [[1.5, 2.5]]


def test_rows_with_arrays_are_kept_as_texts(make_served):
    array = SignatureColumn(name="image", type=ColumnType.TENSOR, dtype="float32", shape=(2,))
    output = SignatureColumn(name="prediction", type=ColumnType.NUMBER)
    signature = Signature(inputs=(array,), outputs=(output,), task=Task.REGRESSION, target="x")
    source = LogSource("site", make_served().record, signature)
    rows = [(np.array([1.5, 2.0]),), {"image": [3.0, 4.0]}]
    (found,) = columns(source, *(row(each, {"prediction": 1.0}) for each in rows))
    assert [record.features for record in found] == [{"image": [1.5, 2.0]}, {"image": [3.0, 4.0]}]
    assert found[0].outputs == {"prediction": 1.0}
