"""Rows and tables as a model over arrays takes them: a stacked array for each column, in runs that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from millwright.core.errors import InvalidInputError, UnanswerableError
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.tensor.series import arrays_of

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.signature import Signature

# What comes out of a network's layers may be a hundred times as large as what goes in.
_RUN_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Feed:
    """Rows that go to the model at once.

    Attributes:
        places: Where they stand among all rows, k of them.
        arrays: By column: shape (k, …).
    """

    places: Sequence[int]
    arrays: Mapping[str, NDArray[Any]]


def feeds_of_rows(rows: Sequence[Mapping[str, Any]], signature: Signature) -> Iterator[Feed]:
    """Checked rows, grouped by the shapes of their arrays where a dimension is free.

    Raises:
        InvalidInputError: A value is null that the model has no form for.
    """
    columns = {
        column.name: [_array(row.get(column.name), column) for row in rows]
        if column.type is ColumnType.TENSOR
        else _numbers([row.get(column.name) for row in rows])
        for column in signature.inputs
    }
    return _feeds(columns, len(rows), signature)


def feeds_of_frame(frame: pl.DataFrame, signature: Signature) -> Iterator[Feed]:
    """A table as `conform` gives it, likewise."""
    columns: dict[str, Any] = {}
    for column in signature.inputs:
        series = frame.get_column(column.name)
        if column.type is not ColumnType.TENSOR:
            columns[column.name] = _numbers(series.to_list())
        elif series.null_count():
            raise _null(column)
        else:
            columns[column.name] = arrays_of(series)
    return _feeds(columns, frame.height, signature)


def collected(
    feeds: Iterator[Feed], answer: Callable[[Mapping[str, NDArray[Any]], int], NDArray[Any]], rows: int
) -> NDArray[Any]:
    """What a model answers to feeds, in the order of the rows.

    Args:
        feeds: Of at least one row in all.
        answer: The model: arrays and how many rows they hold → an array of as many answers.
        rows: How many there are.

    Returns:
        Shape (rows, …); an array of arrays, shape (rows,), where answers differ in shape.

    Raises:
        UnanswerableError: Some rows cannot be answered; it names all of them.
    """
    parts: list[tuple[Sequence[int], NDArray[Any]]] = []
    reasons: dict[int, str] = {}
    for feed in feeds:
        try:
            parts.append((feed.places, answer(feed.arrays, len(feed.places))))
        except UnanswerableError as error:
            reasons.update(_unanswerable(feed, answer, error.reasons[0]))
    if reasons:
        raise UnanswerableError(reasons, rows=rows)
    if len(parts) == 1:
        return parts[0][1]
    shapes = {part.shape[1:] for _, part in parts}
    first = parts[0][1]
    found = np.empty((rows, *first.shape[1:]), first.dtype) if len(shapes) == 1 else np.empty(rows, object)
    for places, part in parts:
        for place, value in zip(places, part, strict=True):
            found[place] = value
    return found


def _unanswerable(
    feed: Feed, answer: Callable[[Mapping[str, NDArray[Any]], int], NDArray[Any]], told: str
) -> dict[int, str]:
    """Which rows of a feed cannot be answered, and why; all of them where each one alone can."""
    reasons: dict[int, str] = {}
    for index, place in enumerate(feed.places):
        try:
            answer({name: array[index : index + 1] for name, array in feed.arrays.items()}, 1)
        except UnanswerableError as error:
            reasons[place] = error.reasons[0]
    return reasons or dict.fromkeys(feed.places, told)


def _feeds(columns: Mapping[str, Any], rows: int, signature: Signature) -> Iterator[Feed]:
    free = [name for name, column in signature.tensors.items() if -1 in column.shape]
    groups: dict[tuple[Any, ...], list[int]] = {}
    if free:
        for place in range(rows):
            groups.setdefault(tuple(columns[name][place].shape for name in free), []).append(place)
    else:
        groups[()] = list(range(rows))
    for places in groups.values():
        step = _rows_at_once(columns, places[0])
        for start in range(0, len(places), step):
            some = places[start : start + step]
            yield Feed(some, {name: _stack(values, some) for name, values in columns.items()})


def _rows_at_once(columns: Mapping[str, Any], place: int) -> int:
    size = sum(np.asarray(values[place]).nbytes for values in columns.values())
    return max(1, _RUN_BYTES // max(size, 1))


def _stack(values: Any, places: list[int]) -> NDArray[Any]:
    if isinstance(values, np.ndarray):
        return values[places[0] : places[-1] + 1] if places[-1] - places[0] == len(places) - 1 else values[places]
    return np.stack([values[place] for place in places])


def _array(value: Any, column: SignatureColumn) -> NDArray[Any]:
    if value is None:
        raise _null(column)
    return np.asarray(value, dtype=column.dtype)


def _numbers(values: list[Any]) -> NDArray[Any]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _null(column: SignatureColumn) -> InvalidInputError:
    return InvalidInputError(f"Column '{column.name}' is null, for which a tensor has no form.")
