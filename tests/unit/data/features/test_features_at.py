"""Features of entity rows: several views, keys of several types, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.definition import Entity, Feature, FeatureView, StreamFeatureView, Window
from millwright.data.features.features_at import features_at
from millwright.data.features.plan import plan_features
from millwright.data.features.view_rows import view_rows

START = datetime(2026, 1, 1, tzinfo=UTC)


def joined(keys, known, wanted) -> list:
    """One feature that numbers the view's rows, all known from the start."""
    names = [f"k{number}" for number in range(len(keys))]
    entities = [Entity(name) for name in names]
    view = FeatureView("v", entities=entities, source="s", features=[Feature("n", "Int64")], timestamp="at")
    table = pl.DataFrame(dict(zip(names, known, strict=True))).with_columns(at=START, n=pl.int_range(pl.len()))
    rows = pl.DataFrame(dict(zip(names, wanted, strict=True))).with_columns(event_timestamp=START)
    plan = plan_features([view[["n"]]])
    found = features_at(rows, plan, timestamp="event_timestamp", read=lambda view: view_rows(view, table))
    return found.frame["n"].to_list()


@pytest.mark.parametrize(
    ("known", "wanted", "found"),
    [
        (pl.Series([1, 2], dtype=pl.Int8), pl.Series([2, 300, None]), [1, None, None]),
        (pl.Series([1, 2]), pl.Series([2], dtype=pl.UInt64), [1]),
        (pl.Series(["a", "b"], dtype=pl.Categorical), pl.Series(["b", "c"]), [1, None]),
        (pl.Series(["a", "b"]), pl.Series(["b"], dtype=pl.Enum(["b"])), [1]),
        (pl.Series([date(2026, 1, 1)]), pl.Series([date(2026, 1, 1)]), [0]),
        (pl.Series([START]), pl.Series([START.replace(tzinfo=None)], dtype=pl.Datetime("ms")), [0]),
        (pl.Series([True, False]), pl.Series([None, False]), [None, 1]),
        (pl.Series([1]), pl.Series([None], dtype=pl.Null), [None]),
    ],
)
def test_keys_are_compared_by_value(known, wanted, found) -> None:
    assert joined(["k0"], [known], [wanted]) == found


def test_composite_keys_match_as_a_whole() -> None:
    known = [pl.Series(["a", "a", "b"]), pl.Series([1, 2, 1])]
    wanted = [pl.Series(["a", "b", "b", None]), pl.Series([2, 1, 2, 1])]
    assert joined(["k0", "k1"], known, wanted) == [1, 2, None, None]


def test_view_without_entities_is_the_same_for_all() -> None:
    weather = FeatureView("weather", entities=[], source="s", features=[Feature("rain", "Float64")], timestamp="at")
    table = pl.DataFrame({"at": [START, START + timedelta(days=1)], "rain": [0.5, 1.5]})
    rows = pl.DataFrame({"event_timestamp": [START + timedelta(days=days) for days in (2, 0, -1)]})
    plan = plan_features([weather[["rain"]]])
    found = features_at(rows, plan, timestamp="event_timestamp", read=lambda view: view_rows(view, table))
    assert found.frame["rain"].to_list() == [1.5, 0.5, None]
    assert found.matched == {"weather": 2}


def test_several_views_with_keys_of_their_own(history, phases) -> None:
    cheap = replace(history, name="cheap", features=[Feature("cost", "Float32")], ttl=timedelta(days=1))
    rows = pl.DataFrame({"building": ["a", "b"], "event_timestamp": [START + timedelta(days=3)] * 2})
    plan = plan_features([cheap[["cost"]], history[["late"]]])
    found = features_at(rows, plan, timestamp="event_timestamp", read=lambda view: view_rows(view, phases))
    assert found.frame.columns == ["cost", "late"]
    assert found.frame.rows() == [(None, 1), (3.5, 3)]
    assert found.matched == {"cheap": 1, "history": 2}


def test_value_that_the_declared_type_cannot_hold_is_told(history, phases) -> None:
    view = replace(history, features=[Feature("late", "Int8")])
    rows = pl.DataFrame({"building": ["a"], "event_timestamp": [START]})
    with pytest.raises(InvalidInputError, match="The rows of 'history' cannot be computed"):
        features_at(
            rows, plan_features([view[["late"]]]), timestamp="event_timestamp",
            read=lambda view: view_rows(view, phases.with_columns(late=pl.lit(300))),
        )  # fmt: skip


def test_windows_of_a_stream_view_count_what_was_known(phases) -> None:
    week = timedelta(days=7)
    windows = [
        Window("n", over=week),
        Window("total", "late", "sum", over=week),
        Window("last", "late", "last", over=week),
    ]
    stream = StreamFeatureView(
        "stream", entities=[Entity("building")], source="phases", windows=windows, timestamp="ended"
    )
    rows = pl.DataFrame(
        {
            "building": pl.Series(["a", "a", "c"], dtype=pl.Categorical),
            "day": [date(2026, 1, 4), date(2026, 1, 6), None],
        }
    )
    plan = plan_features([stream[["last", "n"]], stream[["total"]]])
    found = features_at(rows, plan, timestamp="day", read=lambda view: view_rows(view, phases))
    # The phase that ended on day 2 was written down on day 5.
    assert found.frame.rows() == [(1, 1, 1.0), (5, 3, 13.0), (None, 0, 0.0)]
    assert found.matched == {"stream": 2}
