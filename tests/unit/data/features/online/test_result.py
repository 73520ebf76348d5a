"""What reading answers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from millwright.data.features.entity import Feature
from millwright.data.features.online.result import (
    EXPIRED,
    MISSING,
    PRESENT,
    OnlineResult,
    ViewAnswer,
    coded_series,
    revivers_of,
)


def result() -> OnlineResult:
    features = [Feature("day", "Date"), Feature("days", "List(Date)"), Feature("x", "Float64")]
    events, status = (0, 1, None), (PRESENT, EXPIRED, MISSING)
    days, numbers = [([0, None], 0), (None, None), ([], 1)], [(1.5,), (None,), (float("nan"),)]
    views = [ViewAnswer(("day", "days"), events, status, days, (1, 0)), ViewAnswer(("x",), events, status, numbers)]
    return OnlineResult(features, [{"k": "a"}, {"k": "b"}, {}], views, 3, revivers_of(features))


def test_values_have_the_types_of_their_features() -> None:
    found = result()
    assert found.columns["day"] == [date(1970, 1, 1), None, date(1970, 1, 2)]
    assert found.columns["days"] == [[date(1970, 1, 1), None], None, []]
    assert found.frame.schema == {"k": pl.String, "day": pl.Date, "days": pl.List(pl.Date), "x": pl.Float64}
    assert found.frame["k"].to_list() == ["a", "b", None]
    assert found.rows()[0] == {"day": date(1970, 1, 1), "days": [date(1970, 1, 1), None], "x": 1.5}
    assert len(found) == 3


def test_document_tells_everything_by_feature() -> None:
    told = result().as_dict()
    assert told["features"] == ["day", "days", "x"]
    assert told["status"]["x"] == ["present", "expired", "missing"]
    assert told["freshness"]["day"] == [
        datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC), None
    ]  # fmt: skip


def test_coded_columns_are_of_their_type_when_empty_too() -> None:
    for name in ("Date", "Datetime", "List(Datetime)", "String", "Binary", "UInt64"):
        feature = Feature("x", name)
        assert coded_series(feature, []).dtype == feature.polars_type
        assert coded_series(feature, [None]).to_list() == [None]
