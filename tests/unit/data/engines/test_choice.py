from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.engines.choice import choose_engine
from millwright.data.engines.definition import Transformation
from millwright.data.engines.engine import EngineName, EngineOptions
from millwright.data.engines.input_table import InputTable

SQL = Transformation("SELECT 1 AS a")
FUNCTION = Transformation(lambda x: x)
EXPRESSIONS = Transformation([pl.col("a")])


def table(size_gb: float | None) -> InputTable:
    frame = pl.LazyFrame({"a": [1]})
    return InputTable(
        lazy=frame, schema=frame.collect_schema(), size_bytes=None if size_gb is None else round(size_gb * 1e9)
    )


@pytest.mark.parametrize(
    ("what", "sizes", "expected"),
    [
        (SQL, [0.5, 0.5], EngineName.POLARS),
        (SQL, [0.5, 0.6], EngineName.DUCKDB),
        (FUNCTION, [1.1], EngineName.STREAMING),
        (EXPRESSIONS, [1.1], EngineName.STREAMING),
        (SQL, [51], EngineName.SPARK),
        (FUNCTION, [51], EngineName.SPARK),
        (EXPRESSIONS, [51], EngineName.STREAMING),
        (SQL, [None], EngineName.POLARS),
    ],
)
def test_the_size_of_the_inputs_decides(what: Transformation, sizes: list[float], expected: EngineName) -> None:
    options = EngineOptions(memory_gb=1.0, spark_gb=50.0)
    assert choose_engine(what, [table(size) for size in sizes], options).engine is expected


def test_spark_is_not_chosen_by_size_unless_that_is_set() -> None:
    assert choose_engine(SQL, [table(1e6)], EngineOptions()).engine is EngineName.DUCKDB


def test_the_reason_tells_size_and_threshold() -> None:
    assert choose_engine(SQL, [table(2.0)], EngineOptions()).reason == (
        "SQL, and the inputs are 2.0 GB, more than engine.memory_gb = 1"
    )
    assert choose_engine(SQL, [table(2.0)], EngineOptions(name="polars")).reason == "it was asked for"


def test_expressions_are_refused_where_they_do_not_run() -> None:
    with pytest.raises(InvalidInputError, match="run on the engines polars and streaming, not on duckdb"):
        choose_engine(EXPRESSIONS, [table(1)], EngineOptions(name="duckdb"))
