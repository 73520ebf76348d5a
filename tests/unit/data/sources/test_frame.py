from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest

from house.spark_runtime import needs_spark, spark_runtime
from millwright.core.errors import InvalidInputError
from millwright.data.sources.frame import is_frame, to_polars

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = {"a": [1, 2], "b": ["x", None]}
FRAME = pl.DataFrame(DATA)


def made(kind: str) -> Any:
    if kind.startswith("polars"):
        return FRAME.lazy() if kind == "polars lazy" else FRAME
    if kind.startswith("pyarrow"):
        table = pa.table(DATA)
        return {"table": table, "batch": table.to_batches()[0], "reader": table.to_reader()}[kind.split()[1]]
    if kind.startswith("narwhals"):
        return nw.from_native(FRAME.lazy() if kind == "narwhals lazy" else FRAME)
    if kind == "duckdb":
        duckdb = pytest.importorskip("duckdb", reason="needs DuckDB: pip install 'millwright[duckdb]'")
        return duckdb.sql("SELECT 1::BIGINT AS a, 'x' AS b UNION ALL SELECT 2, NULL ORDER BY 1")
    return pytest.importorskip("pandas").DataFrame(DATA)


KINDS = ["polars", "polars lazy", "pyarrow table", "pyarrow batch", "pyarrow reader", "narwhals", "narwhals lazy",
         "duckdb", "pandas"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_table_of_any_library_is_the_same_table(kind: str) -> None:
    source = made(kind)
    assert is_frame(source)
    assert to_polars(source).equals(FRAME)


def test_anything_with_an_arrow_stream_is_a_table() -> None:
    class Theirs:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.table(DATA).__arrow_c_stream__(requested_schema)

    assert to_polars(Theirs()).equals(FRAME)


@pytest.mark.parametrize("source", [[1], {"a": [1]}, 3, None, "text"])
def test_other_objects_are_refused(source: object) -> None:
    assert not is_frame(source)
    with pytest.raises(InvalidInputError, match=f"found {type(source).__name__}"):
        to_polars(source)


def test_pandas_index_is_no_column() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1]}, index=pandas.Index([7], name="key"))
    assert to_polars(frame).columns == ["a"]
    assert to_polars(frame.reset_index()).columns == ["key", "a"]


def test_table_whose_columns_have_no_type_or_one_name_is_refused_in_one_line() -> None:
    pandas = pytest.importorskip("pandas")
    for frame in (pandas.DataFrame([[1, 2]], columns=["a", "a"]), pandas.DataFrame({"a": [1, "x"]})):
        with pytest.raises(InvalidInputError, match="does not read as one") as caught:
            to_polars(frame)
        assert "\n" not in caught.value.message


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    with spark_runtime():
        yield builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()


@needs_spark
@pytest.mark.slow
def test_spark_frame_is_a_table(spark: Any) -> None:
    frame = spark.createDataFrame([(1, "x"), (2, None)], ["a", "b"]).coalesce(1)
    assert is_frame(frame)
    assert to_polars(frame).sort("a").equals(FRAME)
