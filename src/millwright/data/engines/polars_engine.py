"""Polars: in memory, or in batches (its streaming engine)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.engines.definition import function_name
from millwright.data.engines.engine import EngineName
from millwright.data.engines.failure import failures
from millwright.data.engines.portable_form import to_portable_form
from millwright.data.engines.sql_text import query_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.data.engines.definition import Transformation
    from millwright.data.engines.input_table import InputTable

# What a plan or a function of the user may raise: a wrong name or type; nothing else is taken for a mistake of theirs.
_ERRORS = (pl.exceptions.PolarsError, ValueError, TypeError, AttributeError, NotImplementedError)


class PolarsEngine:
    """Polars on this machine; see `Engine`.

    Args:
        streaming: Whether to work in batches, without ever holding the inputs as a whole.
    """

    def __init__(self, *, streaming: bool) -> None:
        self._name = EngineName.STREAMING if streaming else EngineName.POLARS
        self._engine: Literal["streaming", "in-memory"] = "streaming" if streaming else "in-memory"

    def frame(self, transformation: Transformation, tables: Mapping[str, InputTable]) -> pl.DataFrame:
        """The result, in memory."""
        with failures(self._name, transformation, _ERRORS):
            return polars_plan(transformation, _frames(tables)).collect(engine=self._engine)

    def write(self, transformation: Transformation, tables: Mapping[str, InputTable], folder: Path) -> list[Path]:
        """The result as a Parquet file; written in batches on either tier."""
        path = folder / "part-00000.parquet"
        with failures(self._name, transformation, _ERRORS):
            polars_plan(transformation, _frames(tables)).sink_parquet(path, compression="zstd", engine="streaming")
        return [path]


def polars_plan(transformation: Transformation, frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """A transformation as a Polars plan; nothing is computed yet.

    Polars expressions see the inputs as they are, and their result is left so: they run nowhere else. SQL and functions
    see the portable form, and their result is brought to it.

    Args:
        transformation: What to compute.
        frames: The inputs by their names.

    Raises:
        InvalidInputError: Expressions have more than one input, or a function gives something else than a lazy frame.
    """
    code = transformation.code
    if isinstance(code, tuple):
        if len(frames) != 1:
            raise InvalidInputError(
                f"Expected one input for Polars expressions, found {len(frames)}.", hint="Use SQL or a function."
            )
        return next(iter(frames.values())).with_columns(code)
    inputs = {name: to_portable_form(frame) for name, frame in frames.items()}
    if isinstance(code, str):
        return to_portable_form(pl.SQLContext(frames=inputs, eager=False).execute(query_text(code)))
    import narwhals as nw

    arguments = {to: nw.from_native(inputs[name]) for to, name in transformation.arguments(inputs).items()}
    result = nw.to_native(code(**arguments), pass_through=True)
    if not isinstance(result, pl.LazyFrame):
        raise InvalidInputError(
            f"Expected the function '{function_name(code)}' to return a lazy frame, found {type(result).__name__}.",
            hint="Return what the frames' methods give; do not collect.",
        )
    return to_portable_form(result)


def _frames(tables: Mapping[str, InputTable]) -> dict[str, pl.LazyFrame]:
    return {name: table.lazy for name, table in tables.items()}
