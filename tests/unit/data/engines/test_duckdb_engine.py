from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.engines.engine import EngineOptions
from millwright.data.engines.transformation import run, run_to_parquet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_every_case_comes_out_as_in_memory(case: Any, inputs_of: Callable[..., Any], same: Callable[..., None]) -> None:
    inputs = inputs_of(case)
    expected = run(case.code, inputs, "polars", order_by=case.order_by)
    same(run(case.code, inputs, "duckdb", order_by=case.order_by), expected, inexact=case.inexact)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x AS SELECT 1 AS a",
        "SELECT 1 AS a; SELECT 2 AS a",
        "COPY (SELECT 1 AS a) TO 'x.csv'",
        "SET memory_limit = '100GB'",
    ],
)
def test_what_is_no_query_is_refused_and_not_run(sql: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected one SELECT"):
        run(sql, {"phases": pl.DataFrame({"a": [1]})}, "duckdb")


def test_names_mean_inputs_and_never_variables_of_the_process() -> None:
    secret = pl.DataFrame({"a": [1]})
    with pytest.raises(InvalidInputError, match=r"engine duckdb.*secret"):
        run("SELECT * FROM secret", {"phases": secret}, "duckdb")


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT a,\n  nothing\nFROM phases", 2),
        ("SELECT a\nFROM phases\nWHER a > 1", 3),
        ("SELECT a\nFROM\n\nnowhere", 4),
    ],
)
def test_an_error_names_the_engine_and_the_line(sql: str, line: int) -> None:
    with pytest.raises(InvalidInputError, match=rf"engine duckdb cannot compute the sql, line {line}"):
        run(sql, {"phases": pl.DataFrame({"a": [1]})}, "duckdb")


def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    options = EngineOptions(name="duckdb", scratch=str(scratch), limit_gb=0.2)
    run("SELECT a FROM phases", {"phases": pl.LazyFrame({"a": [1]})}, options=options)
    assert list(scratch.iterdir()) == []


def test_files_hold_the_portable_types(tmp_path: Path) -> None:
    sql = "SELECT SUM(a) AS s, 0.5 AS half, CAST(1 AS SMALLINT) AS one FROM phases"
    result = run_to_parquet(sql, {"phases": pl.DataFrame({"a": [2**40]})}, tmp_path / "out", "duckdb")
    assert dict(result.scan().collect_schema()) == {"s": pl.Int64(), "half": pl.Float64(), "one": pl.Int64()}


def test_a_type_that_others_lack_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="'x' is INTERVAL"):
        run("SELECT INTERVAL '1 day' AS x FROM phases", {"phases": pl.DataFrame({"a": [1]})}, "duckdb")
