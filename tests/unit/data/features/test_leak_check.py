"""Whether transformations look ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.definition import Feature
from millwright.data.features.leak_check import find_leak

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LATE = pl.col("late")


def source(size=200) -> pl.DataFrame:
    """Phases of four buildings; every fifth was written down twenty days late."""
    return pl.select(
        building=pl.format("b{}", pl.int_range(size) % 4),
        ended=START + pl.duration(days=pl.int_range(size)),
        late=(pl.int_range(size) * 7919) % 31,
        lag=pl.when(pl.int_range(size) % 5 == 0).then(20).otherwise(0),
    ).with_columns(created=pl.col("ended") + pl.duration(days="lag"))


@pytest.mark.parametrize(
    ("transform", "leaks"),
    [
        (None, False),
        (LATE.alias("value"), False),
        (LATE.mean().over("building").alias("value"), True),
        (LATE.mean().alias("value"), True),
        (LATE.shift(-1).over("building", order_by="ended").alias("value"), True),
        # In the order of the events, a row knows of earlier events that were written down after it.
        (LATE.cum_sum().over("building", order_by="ended").alias("value"), True),
        ("SELECT *, AVG(late) OVER (PARTITION BY building) AS value FROM phases", True),
        ("SELECT *, late * 2 AS value FROM phases", False),
        (lambda phases: phases.with_columns(value=_nw().col("late").mean().over("building")), True),
    ],
)
def test_transformation_that_looks_ahead_is_found(history, transform, leaks) -> None:
    table = source() if transform is not None else source().with_columns(value=0)
    view = replace(history, transform=transform, features=[Feature("value", "Float64")])
    found = find_leak(view, table)
    assert (found is not None) is leaks
    if found is not None:
        assert str(found).startswith("'history:value' looks ahead: for building 'b")
        assert found.then != found.today


def test_running_sum_in_the_order_of_knowledge_does_not_look_ahead(history) -> None:
    view = replace(
        history,
        timestamp="created",
        created="",
        transform=LATE.cum_sum().over("building", order_by=["created", "ended"]).alias("value"),
        features=[Feature("value", "Int64")],
    )
    assert find_leak(view, source()) is None
    assert find_leak(view, source(0)) is None


def test_sums_of_floats_may_be_rounded_otherwise(history) -> None:
    table = source().with_columns(late=pl.col("late") / 7, created="ended")
    sums = LATE.cum_sum().over("building", order_by="ended").alias("value")
    assert find_leak(replace(history, transform=sums, features=[Feature("value", "Float64")]), table) is None


def test_many_rows_are_tried_on_some_keys(history) -> None:
    table = source(120_000).with_columns(building=pl.int_range(pl.len()) % 1000)
    view = replace(
        history, transform=LATE.mean().over("building").alias("value"), features=[Feature("value", "Float64")]
    )
    assert find_leak(view, table) is not None


def test_view_without_entities_is_tried(history) -> None:
    view = replace(history, entities=(), transform=LATE.max().alias("value"), features=[Feature("value", "Int64")])
    found = find_leak(view, source().with_columns(late=pl.int_range(pl.len())))
    assert found is not None
    assert "for all at" in str(found)


def test_catalogue_refuses_what_looks_ahead_unless_told_otherwise(features, history, phases) -> None:
    view = replace(
        history, transform=pl.col("cost").mean().over("building").alias("mean"), features=[Feature("mean", "Float64")]
    )
    with pytest.raises(InvalidInputError, match="'history:mean' looks ahead: for building 'a'"):
        features.apply([view])
    assert len(features.apply([view], check_leaks=False)) == 2
    assert phases.height == 4


def _nw() -> object:
    import narwhals

    return narwhals
