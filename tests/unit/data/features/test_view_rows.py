"""The rows of a view."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.stream_view import StreamFeatureView, Window
from millwright.data.features.view import FeatureView
from millwright.data.features.view_rows import created_column, source_table, view_rows

PHASES = pl.DataFrame(
    {
        "building": ["a", "b", "a", None],
        "end": [date(2026, 1, 1), date(2026, 1, 2), None, date(2026, 1, 3)],
        "late": [1, 2, 3, 4],
        "created": [datetime(2026, 1, 5)] * 4,  # noqa: DTZ001 - naive, as it comes from files
    }
)


def view(**changes) -> FeatureView:
    options = {
        "entities": [Entity("building")],
        "source": "construction.phases",
        "features": [Feature("late", "Float64")],
        "timestamp": "end",
    }
    return FeatureView("history", **(options | changes))


def test_rows_have_keys_moments_and_features_alone() -> None:
    rows = view_rows(view(), PHASES.with_columns(other=1)).collect()
    moment = pl.Datetime("us", "UTC")
    assert rows.schema == pl.Schema({"building": pl.String(), "end": moment, "created": moment, "late": pl.Float64()})
    assert rows.rows()[0] == ("a", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC), 1.0)


def test_rows_that_can_never_be_an_answer_are_left_out() -> None:
    assert view_rows(view(), PHASES.lazy()).collect()["late"].to_list() == [1.0, 2.0]
    unrecorded = PHASES.with_columns(created=pl.lit(None, pl.Datetime("us")))
    assert view_rows(view(), unrecorded).collect().is_empty()
    assert view_rows(view(created=""), unrecorded).collect().height == 2


@pytest.mark.parametrize(
    ("changes", "created"),
    [
        ({}, "created"),
        ({"created": ""}, None),
        ({"created": "recorded"}, "recorded"),
        ({"features": [Feature("created", "Int64")]}, None),
        ({"timestamp": "created"}, None),
    ],
)
def test_created_column_is_the_one_named_or_called_so(changes, created) -> None:
    assert created_column(view(**changes), PHASES.columns) == created
    assert created_column(view(), ["building"]) is None


@pytest.mark.parametrize(
    "transform",
    [
        pl.col("late").cum_sum().over("building").alias("total"),
        "SELECT *, SUM(late) OVER (PARTITION BY building ORDER BY late) AS total FROM construction_phases",
        lambda construction_phases: _with_total(construction_phases).select("building", "end", "created", "total"),
        lambda phases: _with_total(phases).select("building", "end", "created", "total"),
    ],
)
def test_transformation_makes_the_rows(transform) -> None:
    known = PHASES.drop_nulls()
    rows = view_rows(view(transform=transform, features=[Feature("total", "Int64")]), known.vstack(known)).collect()
    assert sorted(rows["total"].to_list()) == [1, 2, 2, 4] or sorted(rows["total"].to_list()) == [2, 2, 4, 4]


def _with_total(frame) -> object:
    import narwhals as nw

    return frame.with_columns(total=nw.col("late").sum().over("building"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timestamp": "ende"}, "needs the column 'ende'.*Did you mean 'end'"),
        ({"timestamp": "late", "features": [Feature("end", "Date")]}, "dates or moments in the column 'late'"),
        ({"features": [Feature("x", "Int8"), Feature("y", "Int8")]}, "needs the columns 'x', 'y'"),
        ({"transform": pl.col("nothing")}, "does not fit its source"),
        ({"transform": "SELECT nothing FROM construction_phases"}, "'history'"),
        ({"transform": "SELECT * FROM phases"}, "'history'"),
    ],
)
def test_view_that_does_not_fit_its_source_is_told_why(changes, said) -> None:
    with pytest.raises(InvalidInputError, match=said):
        view_rows(view(**changes), PHASES)


def test_stream_view_gives_the_events_that_its_windows_look_at() -> None:
    windows = [Window("n", over=timedelta(days=1)), Window("total", "late", "sum", over=timedelta(days=1))]
    stream = StreamFeatureView("s", entities=[Entity("building")], source="phases", windows=windows, timestamp="end")
    rows = view_rows(stream, PHASES).collect()
    assert rows.columns == ["building", "end", "created", "late"]
    assert rows["late"].to_list() == [1, 2]


def test_source_is_called_by_an_identifier() -> None:
    assert source_table(view()) == "construction_phases"
