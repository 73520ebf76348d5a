"""The point-in-time join on DuckDB against a naive oracle; on Spark, in test_spark_engine.py, against the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

from millwright.core.errors import InvalidInputError
from millwright.data.engines.as_of import AsOfRule, as_of_join

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.data.datasets.dataset import Dataset

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENT = pl.Datetime("us", "UTC")


def rule(**changes: Any) -> AsOfRule:
    values = {
        "keys": ("building", "crew"),
        "entity_keys": ("building", "gang"),
        "at": "at",
        "timestamp": "ts",
        "features": ("value",),
        "created": "created",
        "ttl": 3 * HOUR,
    }
    return AsOfRule(**(values | changes))


hours = st.one_of(st.integers(0, 8), st.none())
keys = st.tuples(st.one_of(st.sampled_from(["a", "b", "ü"]), st.none()), st.one_of(st.integers(0, 1), st.none()))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(keys, hours, hours), max_size=20),
    wanted=st.lists(st.tuples(keys, hours), max_size=8),
    has_created=st.booleans(),
    ttl=st.sampled_from([None, 1, 3]),
)
def test_it_is_the_rule_read_aloud(
    as_of_oracle: Callable[..., Any], rows: Any, wanted: Any, has_created: bool, ttl: int | None
) -> None:
    entities, view, expected = as_of_oracle(rows, wanted, has_created=has_created, ttl=ttl)
    what = rule(created="created" if has_created else None, ttl=None if ttl is None else ttl * HOUR)
    found = as_of_join(entities, view, what, "duckdb")
    assert found["value"].to_list() == expected


def test_a_large_table_with_late_rows_and_ties_is_exact(large_as_of: Any) -> None:
    entities, view, expected = large_as_of
    found = as_of_join(entities, view, rule(keys=("building",), entity_keys=("building",), ttl=90 * HOUR), "duckdb")
    assert found["value"].to_list() == expected


def test_ties_go_to_the_last_row_of_a_dataset_of_several_files(tied: Dataset) -> None:
    what = rule(keys=("k",), entity_keys=("k",), created=None)
    assert len(tied.files()) > 1
    found = as_of_join(pl.DataFrame({"k": [1], "at": [START]}), tied, what, "duckdb")
    assert found["value"].to_list() == [0]


def test_a_view_without_entities_is_the_same_for_everybody() -> None:
    view = pl.DataFrame({"ts": [START, START + HOUR], "value": [1, 2]})
    entities = pl.DataFrame({"at": [START + HOUR, START - HOUR, START]})
    found = as_of_join(entities, view, rule(keys=(), entity_keys=(), created=None, ttl=None), "duckdb")
    assert found["value"].to_list() == [2, None, 1]


def test_dates_and_naive_moments_count_as_utc() -> None:
    view = pl.DataFrame({"k": [1, 1], "ts": [date(2026, 1, 1), date(2026, 1, 2)], "value": ["x", "y"]})
    naive = [datetime(2026, 1, 1, 23, 59), datetime(2026, 1, 2)]  # noqa: DTZ001 (naive on purpose)
    found = as_of_join(
        pl.DataFrame({"k": [1, 1], "at": naive}),
        view,
        rule(keys=("k",), entity_keys=("k",), created=None, ttl=None),
        "duckdb",
    )
    assert found["value"].to_list() == ["x", "y"]


def test_several_features_of_any_name_keep_their_types() -> None:
    view = pl.DataFrame({"k": [1], "ts": [START], 'odd "name"': [1.5], "list": [[1, 2]], "number": [True]})
    found = as_of_join(
        pl.DataFrame({"k": [2, 1], "at": [START, START]}),
        view,
        rule(keys=("k",), entity_keys=("k",), created=None, features=('odd "name"', "list", "number")),
        "duckdb",
    )
    assert found.rows() == [(None, None, None), (1.5, [1, 2], True)]
    assert found.columns == ['odd "name"', "list", "number"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timestamp": "tss"}, "view's rows have no column 'tss'.*'ts'"),
        ({"at": "att"}, "wanted rows have no column 'att'"),
        ({"timestamp": "value"}, "Expected dates or moments in the column 'value'"),
        ({"keys": ("value",), "entity_keys": ("building",)}, "Expected keys of one type, found String"),
    ],
)
def test_what_does_not_fit_is_told(changes: Any, said: str) -> None:
    view = pl.DataFrame({"building": ["a"], "ts": [START], "value": [1]})
    entities = pl.DataFrame({"building": ["a"], "at": [START]})
    plain = {"keys": ("building",), "entity_keys": ("building",), "created": None}
    with pytest.raises(InvalidInputError, match=said):
        as_of_join(entities, view, rule(**(plain | changes)), "duckdb")


def test_in_memory_it_is_the_features_own() -> None:
    frame = pl.DataFrame({"at": [START], "ts": [START], "value": [1]})
    with pytest.raises(InvalidInputError, match=r"is that of data\.features"):
        as_of_join(frame, frame, rule(keys=(), entity_keys=(), created=None), "polars")
