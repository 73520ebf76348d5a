"""Rows that come in batches, so that a table never has to be in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A lazy frame, frames one after the other, or Parquet files: one, a folder of them, or several in their order.
RowBatches: TypeAlias = pl.LazyFrame | Path | Sequence[Path | str] | Iterable[pl.DataFrame]

_BATCH_ROWS = 50_000


def frames_of(rows: RowBatches) -> Iterator[pl.DataFrame]:
    """The rows as frames one after the other.

    Args:
        rows: A lazy frame is computed in batches, once; Parquet files are read in batches, those of a folder by name.

    Raises:
        InvalidInputError: It is none of these, there is no such file, or the rows cannot be computed.
    """
    if isinstance(rows, pl.LazyFrame):
        yield from _computed(rows)
        return
    files = _files(rows)
    if files:
        yield from _computed(pl.scan_parquet(files, glob=False, hive_partitioning=False))
        return
    if isinstance(rows, (str, Path)) or not isinstance(rows, Iterable):
        raise _unfit(rows)
    for frame in rows:
        if not isinstance(frame, pl.DataFrame):
            raise _unfit(frame)
        yield frame


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames behind one another, with the columns of the first in its order.

    Args:
        frames: One or more.

    Raises:
        InvalidInputError: They have different columns, or columns of types that don't go together.
    """
    names = frames[0].columns
    for frame in frames[1:]:
        if set(frame.columns) != set(names):
            raise InvalidInputError(
                f"Expected the columns of the first rows in all, found others: {', '.join(frame.columns)[:200]}.",
                hint="Bring the frames in line.",
            )
    for name in names:
        types = {frame.schema[name] for frame in frames} - {pl.Null()}
        if len(types) > 1 and not all(dtype.is_numeric() for dtype in types):
            raise InvalidInputError(
                f"Expected one type in the column '{name}' of all rows, found {', '.join(sorted(map(str, types)))}.",
                hint="Cast it before writing.",
            )
    return pl.concat([frame.select(names) for frame in frames], how="vertical_relaxed", rechunk=False)


def _computed(rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    try:
        yield pl.DataFrame(schema=rows.collect_schema())  # so that no rows have columns, too
        batches = rows.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True, engine="streaming")
        for batch in batches:
            if batch.height:
                yield batch
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            f"The rows cannot be computed: {str(error).splitlines()[0][:300]}.",
            hint="Is each file there and whole, and does the query fit its tables?",
        ) from error


def _files(rows: RowBatches) -> list[str]:
    """Parquet files by their paths; none when the rows are frames."""
    if isinstance(rows, Path):
        found = sorted(rows.glob("*.parquet")) if rows.is_dir() else [rows]
        if not found:
            raise InvalidInputError(f"Expected Parquet files in {rows}, found none.", hint="Name another folder.")
        return [str(path) for path in found]
    if isinstance(rows, Sequence) and not isinstance(rows, str) and all(isinstance(one, (str, Path)) for one in rows):
        if not rows:
            raise InvalidInputError("Expected rows or files with some, found none.", hint="Give an empty frame.")
        return [str(path) for path in rows]
    return []


def _unfit(found: object) -> InvalidInputError:
    return InvalidInputError(
        f"Expected Polars frames, a lazy frame or paths of Parquet files, found {type(found).__name__}.",
        hint="Convert it, or ingest it as a source.",
    )
