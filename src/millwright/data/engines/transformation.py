"""Run a transformation: the same one in memory, out of core, and on Spark."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, StorageError, closest
from millwright.data.engines.choice import EngineChoice, choose_engine
from millwright.data.engines.definition import Transformation, TransformationCode
from millwright.data.engines.duckdb_engine import DuckDBEngine
from millwright.data.engines.engine import Engine, EngineName, EngineOptions
from millwright.data.engines.input_table import Input, InputTable, input_tables
from millwright.data.engines.polars_engine import PolarsEngine, polars_plan
from millwright.data.engines.spark_engine import SparkEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ParquetResult",
    "Transformation",
    "choice_of",
    "polars_plan",
    "run",
    "run_to_parquet",
]

_DEFAULTS = EngineOptions()


@dataclass(frozen=True, kw_only=True, slots=True)
class ParquetResult:
    """A result that stayed on disk.

    Attributes:
        files: Parquet files, in order; at least one.
        choice: What computed it, and why that.
    """

    files: tuple[Path, ...]
    choice: EngineChoice

    def scan(self) -> pl.LazyFrame:
        """The rows, lazily."""
        return pl.scan_parquet(list(self.files), glob=False, hive_partitioning=False)

    def table(self) -> InputTable:
        """The rows as the input of another transformation, in their order."""
        lazy = self.scan()
        return InputTable(
            lazy=lazy,
            schema=lazy.collect_schema(),
            size_bytes=sum(path.stat().st_size for path in self.files),
            files=tuple(str(path) for path in self.files),
        )


def run(
    transformation: Transformation | TransformationCode,
    inputs: Mapping[str, Input],
    engine: str | None = None,
    *,
    options: EngineOptions = _DEFAULTS,
    order_by: Sequence[str] = (),
) -> pl.DataFrame:
    """Compute a transformation; the result is the same on every engine.

    Args:
        transformation: What to compute.
        inputs: The tables by the names that the transformation uses: frames, or versions of datasets.
        engine: `auto`, or an engine; the options' when None.
        options: How the engine is chosen and what it may use.
        order_by: Columns to sort the result by, ascending, nulls last, NaN after all numbers. Without them
            the rows have no order unless the transformation sorts them.

    Returns:
        The result in portable form: Int64, Float64, Boolean, String, Date, Datetime(us, UTC), Binary, lists and structs
        of these. Of Polars expressions: the input's types as they are.

    Raises:
        InvalidInputError: The transformation does not fit its inputs or the engine; the message names the engine, and
            of SQL the line.
        MissingExtraError: The engine is not installed.

    Example:
        >>> phases = pl.DataFrame({"building": ["a", "a", "b"], "late": [1, 3, 5]})
        >>> mean = "SELECT building, AVG(late) AS late FROM phases GROUP BY building"
        >>> run(mean, {"phases": phases}, order_by=["building"]).rows()
        [('a', 2.0), ('b', 5.0)]
    """
    what, options = _prepared(transformation, engine, options)
    tables = input_tables(inputs)
    chosen = choose_engine(what, tables.values(), options)
    result = _engine(chosen.engine, options).frame(what, tables)
    if not order_by:
        return result
    for name in order_by:
        if name not in result.columns:
            raise InvalidInputError(
                f"The result has no column '{name}' to sort by.", hint=closest(name, result.columns)
            )
    return result.sort(list(order_by), nulls_last=True)


def run_to_parquet(
    transformation: Transformation | TransformationCode,
    inputs: Mapping[str, Input],
    folder: Path,
    engine: str | None = None,
    *,
    options: EngineOptions = _DEFAULTS,
) -> ParquetResult:
    """Compute a transformation whose result does not have to fit into memory.

    The files are written to a folder beside and moved there whole, so that a process that dies leaves nothing that
    looks like a result.

    Args:
        transformation: What to compute.
        inputs: The tables by the names that the transformation uses.
        folder: Where the Parquet files go; must not be there yet, or be empty.
        engine: `auto`, or an engine; the options' when None.
        options: How the engine is chosen and what it may use.

    Raises:
        InvalidInputError: See `run`; or the folder is not empty.
        MissingExtraError: The engine is not installed.
        StorageError: The folder cannot be written.
    """
    what, options = _prepared(transformation, engine, options)
    tables = input_tables(inputs)
    chosen = choose_engine(what, tables.values(), options)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInputError(f"Expected no folder, or an empty one, found {folder}.", hint="Choose another.")
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        _clear(partial)
        partial.mkdir(parents=True)
        names = [path.name for path in _engine(chosen.engine, options).write(what, tables, partial)]
        partial.replace(folder)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error}.", hint="Choose another folder.") from error
    finally:
        _clear(partial)
    return ParquetResult(files=tuple(folder / name for name in names), choice=chosen)


def choice_of(
    transformation: Transformation | TransformationCode,
    inputs: Mapping[str, Input],
    *,
    options: EngineOptions = _DEFAULTS,
) -> EngineChoice:
    """Which engine `run` would take, and why; nothing is computed.

    Args:
        transformation: What would be computed.
        inputs: The tables.
        options: How the engine is chosen.

    Raises:
        InvalidInputError: See `run`.
    """
    what, options = _prepared(transformation, None, options)
    return choose_engine(what, input_tables(inputs).values(), options)


def _prepared(
    transformation: Transformation | TransformationCode, engine: str | None, options: EngineOptions
) -> tuple[Transformation, EngineOptions]:
    what = transformation if isinstance(transformation, Transformation) else Transformation(transformation)
    return what, options if engine is None else replace(options, name=engine)


def _engine(name: EngineName, options: EngineOptions) -> Engine:
    match name:
        case EngineName.POLARS | EngineName.STREAMING:
            return PolarsEngine(streaming=name is EngineName.STREAMING)
        case EngineName.DUCKDB:
            return DuckDBEngine(options)
        case EngineName.SPARK:
            return SparkEngine(options)


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
