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

_PIECE = 2_000  # rows that are read from JSON at a time
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
    columns: dict[str, _Column] = {}
    for number, rows in enumerate(_pieces(cells)):
        names = dict.fromkeys(name for keys in dict.fromkeys(map(tuple, rows)) for name in keys)
        for name in names:
            columns.setdefault(name, _Column(name)).add(number, [row.get(name) for row in rows])
    odd = [column for column in columns.values() if not column.is_of_one_type]
    for number, rows in enumerate(_pieces(cells) if odd else ()):
        for column in odd:
            column.add_again(number, [row.get(column.name) for row in rows])
    sizes = [min(_PIECE, len(cells) - start) for start in range(0, len(cells), _PIECE)]
    return pl.DataFrame({name: column.joined(sizes) for name, column in columns.items()})


def _pieces(cells: pl.Series) -> Iterator[list[dict[str, Any]]]:
    """The rows of JSON texts, of some at a time: objects of Python take ten times what they say."""
    for start in range(0, len(cells), _PIECE):
        yield _parsed(f"[{','.join(cells.slice(start, _PIECE).to_list())}]")


class _Column:
    """A column that comes in pieces, of the type that all of its values have in common."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._types: set[type] = set()
        self._parts: dict[int, pl.Series] = {}  # by the number of the piece; not of those that have no such column
        self._lists: list[Any] | None = None

    def add(self, number: int, values: Sequence[Any]) -> None:
        """The values of a piece."""
        self._types |= set(map(type, values)) - {type(None)}
        self._parts[number] = _series(self.name, values)

    @property
    def is_of_one_type(self) -> bool:
        """Whether the pieces can be joined as they are; else they are to be given again, in the same order."""
        return self._types <= {int, float} or (len(self._dtypes) < 2 and len(self._types) < 2)

    @property
    def _dtypes(self) -> set[pl.DataType]:
        import polars as pl

        return {part.dtype for part in self._parts.values() if part.dtype != pl.Null}

    def add_again(self, number: int, values: Sequence[Any]) -> None:
        """The same, as texts; as lists, whose type takes all of them to tell."""
        import polars as pl

        if self._types == {list}:
            self._lists = [*(self._lists or []), *values]
        else:
            self._parts[number] = pl.Series(self.name, [_text(value) for value in values], dtype=pl.String)

    def joined(self, sizes: Sequence[int]) -> pl.Series:
        """All pieces; null where one has no such column.

        Args:
            sizes: How many rows each piece has.
        """
        import polars as pl

        if self._lists is not None:
            return _series(self.name, self._lists)
        dtypes = self._dtypes
        dtype: Any = pl.Float64() if len(dtypes) > 1 else next(iter(dtypes), pl.Null())
        none = pl.Series(self.name, [None], dtype=dtype)
        parts = (
            self._parts[number].cast(dtype) if number in self._parts else none.new_from_index(0, size)
            for number, size in enumerate(sizes)
        )
        return pl.concat(list(parts))


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
    return _with_fractions(series, values) if isinstance(series.dtype, pl.List) else None


def _with_fractions(series: pl.Series, values: Sequence[Any]) -> pl.Series:
    """The same, of fractions where some are: Polars takes the type of the first list, and cuts those of later ones."""
    import polars as pl

    dtype: Any = pl.Float64()
    inner: Any = series.dtype
    while isinstance(inner, pl.List):
        dtype, inner = pl.List(dtype), inner.inner
    if not inner.is_integer():
        return series
    fractions = pl.Series(series.name, values, dtype=dtype, strict=False)
    return series if series.cast(dtype).equals(fractions) else fractions


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
