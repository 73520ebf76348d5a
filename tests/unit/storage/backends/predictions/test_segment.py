from __future__ import annotations

import math
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.core.errors import IntegrityError
from millwright.storage.backends.predictions.segment import (
    labels_to_bytes,
    latest_labels,
    predictions_from_bytes,
    predictions_to_bytes,
)
from millwright.testing import sample

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.dictionaries(TEXT, VALUES, max_size=4), min_size=1, max_size=4), key=st.none() | TEXT)
def test_predictions_come_back_from_their_bytes(rows: list[dict[str, Any]], key: str | None) -> None:
    records = [sample.prediction(features=row, outputs=row, key=key) for row in rows]
    assert predictions_from_bytes(predictions_to_bytes(records), name="x") == records


def test_numbers_that_are_not_finite_come_back() -> None:
    record = sample.prediction(features={"a": math.inf, "b": math.nan})
    found = predictions_from_bytes(predictions_to_bytes([record]), name="x")[0]
    assert str(found.features) == "{'a': inf, 'b': nan}"


def test_times_come_back_in_utc_whatever_their_zone() -> None:
    record = sample.prediction()
    elsewhere = sample.prediction(id=record.id, at=record.at.astimezone(timezone(timedelta(hours=9))))
    found = predictions_from_bytes(predictions_to_bytes([elsewhere]), name="x")[0]
    assert found == record
    assert found.at.utcoffset() == timedelta(0)


def test_predictions_are_chosen_by_id_and_version() -> None:
    records = [sample.prediction(version=version) for version in (1, 2, 2)]
    data = predictions_to_bytes(records)
    assert predictions_from_bytes(data, name="x", only=records[1].id) == [records[1]]
    assert predictions_from_bytes(data, name="x", version=2) == records[1:]


def test_labels_are_those_told_last_oldest_first() -> None:
    one, two = (sample.prediction().id for _ in range(2))
    segments = {
        "1": labels_to_bytes([sample.label(one, "new", seconds=9), sample.label(two, 1)]),
        "2": labels_to_bytes([sample.label(one, "old", seconds=1), sample.label(two, 2)]),
    }
    assert [label.value for label in latest_labels(segments)] == [2, "new"]
    assert latest_labels({}) == []


def test_bytes_that_are_no_segment_are_an_error_that_names_the_file() -> None:
    with pytest.raises(IntegrityError, match=r"seg\.parquet"):
        predictions_from_bytes(b"nonsense", name="seg.parquet")
