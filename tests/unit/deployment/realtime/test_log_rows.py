from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from millwright.core.ids import PredictionId, new_ids
from millwright.deployment.realtime.log_entry import LogSource
from millwright.deployment.realtime.log_record import unpacked
from millwright.deployment.realtime.log_rows import LogRows
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task

FEATURES = {"days": 45.5, "crews": 3, "permit": None, "borough": "Queens", "start": "2026-03-01", "note": "ä"}


def make_rows(*features: Any):
    ids = new_ids(len(features))
    return [
        (PredictionId(name), 1.5, 0.5, "r", None, each, {"prediction": "v1"})
        for name, each in zip(ids, features, strict=True)
    ]


@pytest.fixture
def source(make_served):
    return make_served().log_sources["site"]


def features_of(rows: LogRows):
    return [row[5] for record in rows.records for row in unpacked(record, 1)]


def test_rows_are_packed_in_the_signature_s_order(source):
    backwards = dict(reversed(FEATURES.items()))
    rows = LogRows(source, make_rows(FEATURES, backwards, tuple(FEATURES.values())), 100)
    assert len(rows) == 3
    assert features_of(rows) == [list(FEATURES.values())] * 3
    assert rows.size == sum(map(len, rows.records))


@pytest.mark.parametrize("odd", [{"days": 1.5}, {f"x{number}": 1 for number in range(6)}])
def test_row_with_other_columns_is_packed_with_its_names(source, odd):
    assert features_of(LogRows(source, make_rows(odd), 100)) == [odd]


def test_rows_with_arrays_stay_as_they_are(make_served):
    array = SignatureColumn(name="image", type=ColumnType.TENSOR, dtype="float32", shape=(2,))
    output = SignatureColumn(name="prediction", type=ColumnType.NUMBER)
    source = LogSource(
        "s", make_served().record, Signature(inputs=(array,), outputs=(output,), task=Task.REGRESSION, target="x")
    )
    given = make_rows({"image": np.zeros(2)}, {"image": np.ones(2)})
    rows = LogRows(source, given, 100)
    assert (len(rows), rows.size, list(rows.records)) == (2, 200, [])
    first, rest = rows.split(1)
    assert ([*first.rows, *rest.rows], first.size) == (given, 100)


def test_parts_are_its_rows_and_its_bytes(source):
    rows = LogRows(source, make_rows(*[{**FEATURES, "days": float(number)} for number in range(7)]), 100)
    first, rest = rows.split(3)
    assert (len(first), len(rest), first.size + rest.size) == (3, 4, rows.size)
    assert [*first.records, *rest.records] == list(rows.records)
