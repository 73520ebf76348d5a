from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import PredictionId
from millwright.core.records.prediction import PredictionColumns
from millwright.storage.backends.predictions.column import hour_segments
from millwright.storage.backends.predictions.segment import predictions_from_bytes
from millwright.testing import sample


def columns(*seconds: float, **fields: Any) -> PredictionColumns:
    rows = [sample.prediction(seconds=each) for each in seconds]
    given: dict[str, Any] = {
        "endpoint": "delay",
        "model": "delay",
        "version": 1,
        "id": [row.id for row in rows],
        "at": [row.at for row in rows],
        "features": {"days": [float(number) for number in range(len(rows))]},
        "outputs": ['{"prediction":1}'] * len(rows),
        "latency_ms": [0.5] * len(rows),
        "request_id": ["r"] * len(rows),
        "key": [None] * len(rows),
    }
    return PredictionColumns(**given | fields)


def test_hours_are_segments_of_their_own() -> None:
    given = columns(10, 0, 7_200, 3_600, 20)
    segments = list(hour_segments(given))
    assert [segment.hour.hour for segment in segments] == [12, 14, 13]
    found = [predictions_from_bytes(segment.data, name="x") for segment in segments]
    assert [[row.features["days"] for row in rows] for rows in found] == [[0, 1, 4], [2], [3]]
    assert [(each.first, each.last) for each in segments] == [
        (min(row.id for row in rows), max(row.id for row in rows)) for rows in found
    ]


def test_nothing_is_no_segment() -> None:
    assert list(hour_segments(columns(features=[]))) == []


def test_rows_far_apart_are_taken_when_each_is_near_its_id() -> None:
    assert len(list(hour_segments(columns(0, 86_400)))) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": [PredictionId("short")] * 2}, "id"),
        ({"at": [sample.moment(7_201), sample.moment(7_201)]}, "time"),
        ({"features": {}}, "at least one column"),
        ({"features": {"days": [1, "x"]}}, "days"),
        ({"outputs": [1, 2]}, "outputs"),
    ],
)
def test_what_cannot_be_kept_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        list(hour_segments(columns(0, 1, **fields)))
