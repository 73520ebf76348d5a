"""On-demand views: what their functions get and must give."""

from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.view import FeatureView

HISTORY = FeatureView("history", entities=[Entity("building")], source="phases", features=[Feature("late", "Float64")])


def share(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(share=pl.col("late") / pl.col("days"))


def view(**changes) -> OnDemandFeatureView:
    options = {
        "sources": [HISTORY],
        "request": [Feature("days", "Float64")],
        "features": [Feature("share", "Float64")],
        "transform": share,
    }
    return OnDemandFeatureView("share", **(options | changes))


def test_function_gets_exactly_the_declared_columns() -> None:
    seen = []

    def look(frame) -> object:
        seen.append(frame.schema)
        return share(frame)

    rows = pl.DataFrame({"other": [1], "days": [2], "late": [4.0]})
    assert view(transform=look).compute(rows)["share"].to_list() == [2.0]
    assert seen == [pl.Schema({"late": pl.Float64(), "days": pl.Float64()})]


def test_answer_has_the_declared_types() -> None:
    found = view(transform=lambda frame: pl.DataFrame({"share": [1] * frame.height, "more": 0})).compute(
        pl.DataFrame({"days": [2.0], "late": [4.0]})
    )
    assert found.schema == pl.Schema({"share": pl.Float64()})


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda frame: frame["late"], "found Series"),
        (lambda frame: frame, "gave no 'share'"),
        (lambda frame: frame.head(0).select(share="late"), "Expected 1 rows"),
        (lambda frame: frame.select(share=pl.lit("x")), "other types"),
        (lambda frame: frame.select("nothing"), "failed: ColumnNotFoundError"),
    ],
)
def test_function_that_gives_something_else_is_told(function, said) -> None:
    with pytest.raises(InvalidInputError, match=said):
        view(transform=function).compute(pl.DataFrame({"days": [2.0], "late": [4.0]}))


def test_missing_request_column_is_named() -> None:
    with pytest.raises(InvalidInputError, match="'share' needs 'days'"):
        view().compute(pl.DataFrame({"late": [4.0]}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sources": [], "request": []}, "neither sources nor a request"),
        ({"transform": "SELECT"}, "found str"),
        ({"sources": [view()]}, "found 'share'"),
        ({"request": [Feature("late", "Float64")]}, "gets a column twice: 'late'"),
        ({"features": []}, "has no features"),
    ],
)
def test_view_refuses_what_is_wrong_and_says_what(changes, said) -> None:
    with pytest.raises(InvalidInputError, match=said):
        view(**changes)


def test_keys_are_those_of_its_sources() -> None:
    both = view(
        sources=[HISTORY.with_keys({"building": "a"}, prefix="a_"), HISTORY.with_keys({"building": "b"}, prefix="b_")]
    )
    assert both.keys == ("a", "b")
    assert both.inputs == ("a_late", "b_late", "days")
    assert both["share"].outputs == ("share",)


def test_function_that_looks_at_other_rows_is_refused() -> None:
    rows = pl.DataFrame({"days": [2.0, 4.0, 5.0], "late": [4.0, None, 6.0]})
    fair = view()
    fair.refuse_mixed_rows(rows, fair.compute(rows))
    mixing = view(transform=lambda frame: frame.select(share=pl.col("days") - pl.col("days").mean()))
    with pytest.raises(InvalidInputError, match="does not compute each row from itself alone: row 0"):
        mixing.refuse_mixed_rows(rows, mixing.compute(rows))
    mixing.refuse_mixed_rows(rows.head(1), mixing.compute(rows.head(1)))
