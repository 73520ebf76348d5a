"""Which engine computes a transformation, and why."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.data.engines.engine import EngineName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.data.engines.definition import Transformation
    from millwright.data.engines.engine import EngineOptions
    from millwright.data.engines.input_table import InputTable

AUTO = "auto"


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineChoice:
    """The engine, and the reason in words that can stand behind a colon."""

    engine: EngineName
    reason: str


def choose_engine(transformation: Transformation, tables: Iterable[InputTable], options: EngineOptions) -> EngineChoice:
    """The engine that was asked for, or the one that suits the inputs' size.

    Up to `memory_gb` of files, Polars in memory. Above that, what does not need the whole table in memory: DuckDB for
    SQL where it is installed, as it keeps to a limit; Polars' streaming engine for functions and expressions. Above
    `spark_gb`, if that is set, Spark, except for expressions, which it does not have.

    Args:
        transformation: What is computed.
        tables: The inputs. Lazy frames of unknown size count nothing.
        options: The setting and the thresholds.

    Raises:
        InvalidInputError: There is no such engine, or it cannot run Polars expressions.
    """
    is_portable = transformation.kind != "expressions"
    if options.name != AUTO:
        engine = engine_named(options.name)
        if not is_portable and engine not in {EngineName.POLARS, EngineName.STREAMING}:
            raise InvalidInputError(
                f"Polars expressions run on the engines polars and streaming, not on {engine}.",
                hint="Write it as SQL or as a function of Narwhals lazy frames.",
            )
        return EngineChoice(engine=engine, reason="it was asked for")
    size_gb = sum(table.size_bytes or 0 for table in tables) / 1e9
    shown = f"the inputs are {_shown(size_gb)}"
    if 0 < options.spark_gb < size_gb and is_portable:
        return EngineChoice(
            engine=EngineName.SPARK, reason=f"{shown}, more than engine.spark_gb = {options.spark_gb:g}"
        )
    limit = f"engine.memory_gb = {options.memory_gb:g}"
    if size_gb <= options.memory_gb:
        return EngineChoice(engine=EngineName.POLARS, reason=f"{shown}, within {limit}")
    if transformation.kind == "sql" and find_spec("duckdb") is not None:
        return EngineChoice(engine=EngineName.DUCKDB, reason=f"SQL, and {shown}, more than {limit}")
    return EngineChoice(engine=EngineName.STREAMING, reason=f"{shown}, more than {limit}")


def engine_named(name: str) -> EngineName:
    """An engine by its name.

    Raises:
        InvalidInputError: There is none; the message names the closest.
    """
    try:
        return EngineName(name)
    except ValueError as error:
        raise InvalidInputError(
            f"There is no engine '{name}'.", hint=closest(name, [AUTO, *(each.value for each in EngineName)])
        ) from error


def _shown(size_gb: float) -> str:
    return f"{size_gb:.1f} GB" if size_gb >= 1 else f"{size_gb * 1000:.1f} MB"
