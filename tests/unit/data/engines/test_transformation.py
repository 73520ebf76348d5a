from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.engines.engine import EngineName, EngineOptions
from millwright.data.engines.transformation import choice_of, run, run_to_parquet

if TYPE_CHECKING:
    from pathlib import Path

PHASES = pl.DataFrame(
    {"building": ["a", "a", "b", None], "late": [1, 3, 5, None], "share": [1.0, float("nan"), None, 0.5]}
)


@pytest.mark.parametrize("sql", ["SELECT 1 WHER 2", "SELECT nothing FROM phases", "SELECT * FROM nowhere"])
def test_sql_that_cannot_be_computed_names_the_engine(sql: str) -> None:
    with pytest.raises(InvalidInputError, match="engine polars cannot compute the sql, line 1"):
        run(sql, {"phases": PHASES})


def test_an_unknown_engine_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidInputError, match=r"no engine 'polar'.*Did you mean 'polars'"):
        run("SELECT 1 AS a", {"phases": PHASES}, engine="polar")


def test_the_engine_of_the_call_wins_over_that_of_the_options() -> None:
    with pytest.raises(InvalidInputError, match="engine duckdb"):
        run("SELECT nothing FROM phases", {"phases": PHASES}, "duckdb", options=EngineOptions(name="streaming"))


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_a_result_is_sorted_with_nulls_and_nan_last(engine: str) -> None:
    found = run("SELECT share FROM phases", {"phases": PHASES}, engine, order_by=["share"])["share"].to_list()
    assert found[:2] == [0.5, 1.0]
    assert str(found[2]) == "nan"
    assert found[3] is None


def test_a_sort_by_a_column_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(InvalidInputError, match=r"no column 'buildin' to sort by.*'building'"):
        run("SELECT building FROM phases", {"phases": PHASES}, order_by=["buildin"])


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_the_default_order_of_nulls_is_the_same_out_of_core(engine: str) -> None:
    rising = run("SELECT late FROM phases ORDER BY late", {"phases": PHASES}, engine)["late"].to_list()
    falling = run("SELECT late FROM phases ORDER BY late DESC", {"phases": PHASES}, engine)["late"].to_list()
    assert (rising, falling) == ([1, 3, 5, None], [None, 5, 3, 1])


def test_files_go_to_a_new_or_empty_folder_only(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run_to_parquet("SELECT * FROM phases", {"phases": PHASES}, tmp_path / "out")
    with pytest.raises(InvalidInputError, match="Expected no folder, or an empty one"):
        run_to_parquet("SELECT * FROM phases", {"phases": PHASES}, tmp_path / "out")


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_a_run_that_fails_leaves_no_folder(engine: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        run_to_parquet("SELECT CAST(building AS BIGINT) AS b FROM phases", {"phases": PHASES}, tmp_path / "out", engine)
    assert list(tmp_path.iterdir()) == []


def test_the_choice_is_told_with_its_reason() -> None:
    choice = choice_of("SELECT 1 AS a", {"phases": PHASES})
    assert choice.engine is EngineName.POLARS
    assert choice.reason == "the inputs are 0.0 MB, within engine.memory_gb = 1"


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_an_order_by_in_sql_holds_in_large_results_too(engine: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": pl.int_range(400_000, eager=True).shuffle(seed=1)})
    sql = "SELECT a, a * 2 AS b FROM x ORDER BY a DESC"
    assert run(sql, {"x": frame}, engine)["a"].is_sorted(descending=True)
    assert run_to_parquet(sql, {"x": frame}, tmp_path / "out", engine).scan().collect()["a"].is_sorted(descending=True)


# The differences that docs/guides/engines.md names: when one of them goes away, the page has to change.
@pytest.mark.parametrize(
    ("sql", "in_memory", "on_duckdb"),
    [
        ("SELECT MAX(share) AS x FROM phases", 1.0, "nan"),
        ("SELECT CAST(2.7 AS BIGINT) AS x FROM phases LIMIT 1", 2, 3),
        ("SELECT CONCAT('a', CAST(NULL AS STRING)) AS x FROM phases LIMIT 1", "a", "a"),
        ("SELECT 1 / 0 AS x FROM phases LIMIT 1", "inf", "inf"),
    ],
)
def test_where_engines_differ_it_is_as_the_guide_says(sql: str, in_memory: object, on_duckdb: object) -> None:
    found = [run(sql, {"phases": PHASES}, engine)["x"][0] for engine in ("polars", "duckdb")]
    assert [str(one) for one in found] == [str(in_memory), str(on_duckdb)]
