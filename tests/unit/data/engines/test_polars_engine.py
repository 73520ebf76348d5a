from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.engines.definition import Transformation
from millwright.data.engines.polars_engine import polars_plan
from millwright.data.engines.transformation import run, run_to_parquet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_every_case_comes_out_of_the_streaming_engine_as_in_memory(
    case: Any, inputs_of: Callable[..., Any], same: Callable[..., None]
) -> None:
    inputs = inputs_of(case)
    expected = run(case.code, inputs, "polars", order_by=case.order_by)
    same(run(case.code, inputs, "streaming", order_by=case.order_by), expected, inexact=case.inexact)


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_a_result_in_files_is_the_result_in_memory(
    case: Any, engine: str, inputs_of: Callable[..., Any], same: Callable[..., None], tmp_path: Path
) -> None:
    inputs = inputs_of(case)
    expected = run(case.code, inputs, "polars", order_by=case.order_by)
    written = run_to_parquet(case.code, inputs, tmp_path / "out", engine)
    found = written.scan().sort(list(case.order_by), nulls_last=True).collect()
    same(found, expected, inexact=case.inexact)


def test_aggregates_are_those_of_numpy(tables: dict[str, pl.DataFrame]) -> None:
    found = run(
        "SELECT phase, SUM(days) AS total, AVG(days) AS mean, STDDEV(days) AS spread FROM phases GROUP BY phase",
        {"phases": tables["phases"]},
    )
    for phase, total, mean, spread in found.rows():
        days = tables["phases"].filter(pl.col("phase") == phase)["days"].drop_nulls().to_numpy()
        assert total == days.sum()
        assert (mean, spread) == pytest.approx((days.mean(), np.std(days, ddof=1)), rel=1e-12)


def test_small_integers_do_not_overflow() -> None:
    narrow = pl.DataFrame({"a": pl.Series([2**31 - 1, 2**31 - 1], dtype=pl.Int32)})
    assert run("SELECT SUM(a) AS s, SUM(a + a) AS t FROM x", {"x": narrow}).row(0) == (2**32 - 2, 2**33 - 4)


def test_expressions_leave_the_types_as_they_are() -> None:
    narrow = pl.DataFrame({"a": pl.Series([1], dtype=pl.Int8)})
    plan = polars_plan(Transformation([(pl.col("a") + 1).alias("b")]), {"x": narrow.lazy()})
    assert plan.collect_schema() == {"a": pl.Int8(), "b": pl.Int8()}


def test_expressions_run_on_the_streaming_engine_too(tables: dict[str, pl.DataFrame]) -> None:
    code = [pl.col("days").mean().over("building").alias("mean")]
    expected = run(code, {"x": tables["phases"]}, "polars")
    assert run(code, {"x": tables["phases"]}, "streaming", order_by=["id"]).equals(expected, null_equal=True)


def test_a_plan_that_fails_only_when_it_runs_names_the_engine() -> None:
    with pytest.raises(InvalidInputError, match="engine streaming cannot compute the function"):
        run(lambda x: x.select(x.a), {"x": pl.DataFrame({"a": [1]})}, "streaming")
    with pytest.raises(InvalidInputError, match="engine polars cannot compute the sql"):
        run("SELECT CAST(a AS BIGINT) AS b FROM x", {"x": pl.DataFrame({"a": ["no"]})})
