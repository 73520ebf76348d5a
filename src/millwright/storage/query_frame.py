"""Frames from the rows that database drivers give: one type per column, told from its values."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import polars as pl

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PRECISION = 38
_SIMPLE: dict[type, pl.DataType] = {
    bool: pl.Boolean(),
    float: pl.Float64(),
    str: pl.String(),
    bytes: pl.Binary(),
    date: pl.Date(),
    time: pl.Time(),
    timedelta: pl.Duration("us"),
}


def frame_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Rows as a frame.

    Integers become Int64 (Decimal where one is too large), decimals Decimal(38, most digits behind the point), UUIDs
    text, JSON values canonical JSON text, aware times UTC; integers among floats become floats. A column of nulls is of
    type Null.

    Args:
        names: Of the columns, in order.
        rows: As many values each; may be none.

    Raises:
        InvalidInputError: A column's values have no type together, or a decimal is no number.
    """
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pl.DataFrame([_column(name, values) for name, values in zip(names, columns, strict=True)])


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of the same columns, one below the other; types that differ become one that holds both.

    Raises:
        InvalidInputError: There is none for a column.
    """
    for name in frames[0].columns:
        found = {frame.schema[name] for frame in frames} - {pl.Null()}
        # Polars would make text of numbers and texts.
        if len(found) > 1 and not all(dtype.is_numeric() for dtype in found):
            raise _mixed(name, map(str, found))
    return pl.concat(frames, how="vertical_relaxed", rechunk=False)


def _column(name: str, values: Iterable[Any]) -> pl.Series:
    given = [_plain(value) for value in values]
    kinds = {type(value) for value in given if value is not None}
    if not kinds:
        return pl.Series(name, given, dtype=pl.Null)
    if len(kinds) == 1 and (kind := next(iter(kinds))) in _SIMPLE:
        return pl.Series(name, given, dtype=_SIMPLE[kind])
    if kinds == {datetime}:
        return _times(name, given)
    if kinds == {list}:
        return _lists(name, given)
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in given):
        return pl.Series(name, given, dtype=pl.Int64)
    if kinds <= {int, float} and float in kinds:
        return pl.Series(name, [None if value is None else float(value) for value in given], dtype=pl.Float64)
    if kinds <= {int, Decimal}:
        return _decimals(name, given)
    raise _mixed(name, (kind.__name__ for kind in kinds))


def _plain(value: Any) -> Any:
    if isinstance(value, (UUID, dict)) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
        return str(value) if isinstance(value, UUID) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return bytes(value) if isinstance(value, (memoryview, bytearray)) else value


def _times(name: str, values: list[datetime | None]) -> pl.Series:
    aware = {value.tzinfo is not None for value in values if value is not None}
    if len(aware) > 1:
        raise _mixed(name, ("times with a zone", "times without"))
    if True in aware:
        utc = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
        return pl.Series(name, utc, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.Series(name, values, dtype=pl.Datetime("us"))


def _lists(name: str, values: list[Any]) -> pl.Series:
    inner = _column(name, [item for value in values if value is not None for item in value]).dtype
    try:
        return pl.Series(name, values, dtype=pl.List(inner))
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise _mixed(name, ("lists of different depths",)) from error


def _decimals(name: str, values: list[Any]) -> pl.Series:
    numbers = [None if value is None else Decimal(value) for value in values]
    if not all(number is None or number.is_finite() for number in numbers):
        raise InvalidInputError(
            f"Expected decimal numbers in the column '{name}', found NaN or an infinity.",
            hint="Cast it to a float in the query.",
        )
    scale = max(max(0, -int(number.as_tuple().exponent)) for number in numbers if number is not None)
    digits = max(number.adjusted() + 1 for number in numbers if number is not None)
    if max(digits, 0) + scale > _PRECISION:
        raise InvalidInputError(
            f"Expected decimal numbers of at most {_PRECISION} digits in the column '{name}', found longer ones.",
            hint="Round or cast it in the query.",
        )
    return pl.Series(name, numbers, dtype=pl.Decimal(_PRECISION, scale))


def _mixed(name: str, kinds: Iterable[str]) -> InvalidInputError:
    return InvalidInputError(
        f"Expected values of one type in the column '{name}', found {' and '.join(sorted(kinds))}.",
        hint="Cast it in the query.",
    )
