"""Tables in memory: whatever the libraries of people's code call a table."""

from __future__ import annotations

from typing import Any

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.sources.place import one_line

_LIBRARIES = {
    "polars",
    "pandas",
    "duckdb",
    "_duckdb",
    "pyspark",
    "py4j",
    "pyarrow",
    "narwhals",
    "modin",
    "dask",
    "ibis",
}


def is_frame(source: Any) -> bool:
    """Whether `to_polars` can make something of an object; by its class, without touching its rows."""
    return (
        isinstance(source, (pl.DataFrame, pl.LazyFrame))
        or hasattr(source, "__arrow_c_stream__")
        or hasattr(source, "__arrow_c_array__")
        or hasattr(source, "__narwhals_dataframe__")
        or hasattr(source, "__narwhals_lazyframe__")
        or _library(source) in _LIBRARIES
    )


def to_polars(source: Any) -> pl.DataFrame:
    """A table in memory as a Polars frame, with its types.

    Polars frames (lazy ones are computed, in a streaming way), pandas, PyArrow tables, batches and readers, DuckDB
    relations, Spark frames, Narwhals frames, and whatever else hands out an Arrow stream. The index of a pandas frame
    is no column: `reset_index()` makes it one.

    Args:
        source: The table. A relation, Spark frame or reader is read to its end.

    Raises:
        InvalidInputError: It is no table, two columns have one name, or values have no type together.
    """
    if isinstance(source, pl.DataFrame):
        return source
    if not is_frame(source):
        raise InvalidInputError(
            f"Expected a table of Polars, pandas, PyArrow, DuckDB or Spark, found {type(source).__name__}.",
            hint="Make a Polars frame of it: polars.DataFrame(…).",
        )
    try:
        return _converted(source)
    except InvalidInputError:
        raise
    # Each library has errors of its own for values that have no type together, and none must be loaded to name them.
    except Exception as error:
        if not isinstance(error, (TypeError, ValueError)) and _library(error) not in _LIBRARIES:
            raise
        raise InvalidInputError(
            f"Expected a table, found a {type(source).__name__} that does not read as one: {one_line(error)}.",
            hint="Give every column one name and one type.",
        ) from error


def _converted(source: Any) -> pl.DataFrame:
    if isinstance(source, pl.LazyFrame):
        return source.collect(engine="streaming")
    if _library(source) == "pyspark":
        # By Arrow where Spark can; narwhals knows how each version does it.
        import narwhals as nw

        frame: pl.DataFrame = nw.from_native(source).collect(backend="pyarrow").to_polars()
        return frame
    if _library(source) == "pandas":
        return _checked(pl.from_pandas(source))
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        return pl.DataFrame(source)
    import narwhals as nw

    wrapped = nw.from_native(source, pass_through=False)
    return (wrapped.collect() if isinstance(wrapped, nw.LazyFrame) else wrapped).to_polars()


def _checked(found: pl.DataFrame | pl.Series) -> pl.DataFrame:
    return found.to_frame() if isinstance(found, pl.Series) else found


def _library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]
