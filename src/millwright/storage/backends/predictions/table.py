"""A segment as tables, one per model version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.storage.backends.predictions.segment import segment_frame
from millwright.storage.base.prediction_table import PredictionTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

_ROWS = ("id", "at", "latency_ms", "request_id", "key")


def tables_from_bytes(data: bytes, *, name: str, version: int | None = None) -> Iterator[PredictionTable]:
    """The predictions of a segment by column, one table per model version, rows in the order of the segment.

    Args:
        data: The segment's bytes.
        name: Its file, for messages.
        version: Only rows of this model version.

    Raises:
        IntegrityError: The bytes are not a segment.
    """
    import polars as pl

    frame = segment_frame(data, name)
    if version is not None:
        frame = frame.filter(pl.col("version") == version)
    for (endpoint, model, number), part in frame.group_by("endpoint", "model", "version", maintain_order=True):
        yield PredictionTable(
            endpoint=str(endpoint),
            model=str(model),
            version=int(number),
            rows=part.select(*_ROWS),
            features=_cells(part["features"]),
            outputs=_cells(part["outputs"]),
        )


def _cells(cells: pl.Series) -> pl.DataFrame:
    import polars as pl

    if isinstance(cells.dtype, pl.Struct):
        return cells.struct.unnest()
    rows = _parsed(f"[{','.join(cells.to_list())}]")
    names = dict.fromkeys(name for keys in dict.fromkeys(map(tuple, rows)) for name in keys)
    return pl.DataFrame({name: _series(name, [row.get(name) for row in rows]) for name in names})


def _parsed(text: str) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = msgspec.json.decode(text)
    except msgspec.DecodeError:  # Python's own writes and reads NaN, which is no JSON
        rows = json.loads(text)
    return rows


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """JSON values as a column of the type that they have in common, text where they have none."""
    import polars as pl

    found = set(map(type, values)) - {type(None)}
    dtype: Any = pl.String()
    if not found:
        dtype = pl.Null()
    elif found == {bool}:
        dtype = pl.Boolean()
    elif found == {int}:
        # Numbers of JSON have no end; as fractions they keep their size.
        present = [value for value in values if value is not None]
        fits = min(present) >= -(2**63) and max(present) < 2**63
        dtype = pl.Int64() if fits else pl.Float64()
    elif found <= {int, float}:
        dtype = pl.Float64()
    elif found == {list}:
        lists = _lists(name, values)
        if lists is not None:
            return lists
    if isinstance(dtype, pl.String) and found != {str}:
        values = [_text(value) for value in values]
    return pl.Series(name, values, dtype=dtype, strict=len(found) < 2)


def _lists(name: str, values: Sequence[Any]) -> pl.Series | None:
    import polars as pl

    try:
        series = pl.Series(name, values, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return None
    return series if isinstance(series.dtype, pl.List) else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
