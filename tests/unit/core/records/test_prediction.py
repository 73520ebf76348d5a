from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.ids import PredictionId
from millwright.core.records.prediction import PredictionColumns, PredictionRecord

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def columns() -> PredictionColumns:
    return PredictionColumns(
        endpoint="site",
        id=[PredictionId("a"), PredictionId("b"), PredictionId("c")],
        model="delay",
        version=2,
        at=[AT] * 3,
        features=['{"days":1.5,"borough":null}', '{"days":2}', "{}"],
        outputs={"prediction": ["yes", "no", "no"]},
        latency_ms=[0.5, 0.6, 0.7],
        request_id=["r1", "r2", "r3"],
        key=[None, "k", None],
    )


def test_columns_are_a_sequence_of_records(columns):
    assert len(columns) == len(list(columns)) == 3
    assert columns[0] == PredictionRecord(
        id=PredictionId("a"),
        endpoint="site",
        model="delay",
        version=2,
        at=AT,
        features={"days": 1.5, "borough": None},
        outputs={"prediction": "yes"},
        latency_ms=0.5,
        request_id="r1",
    )
    assert (columns[-1].outputs, columns[1].key) == ({"prediction": "no"}, "k")


def test_slice_of_columns_is_a_list_of_records(columns):
    assert [record.id for record in columns[1:]] == ["b", "c"]


def test_index_beyond_the_end_is_refused(columns):
    with pytest.raises(IndexError):
        columns[3]
