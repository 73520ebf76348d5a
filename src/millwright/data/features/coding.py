"""How keys and values of features become bytes, in MessagePack.

A row is `[event_us, created_us | nil, expires_us | nil, [values…]]`, the values in the view's order. A key is the list
of the entity keys' values, in the view's order. Null is nil; booleans, integers, floats (NaN and infinities too), text
and bytes are what they are; lists are arrays. A date in a value is its days since 1970, a moment its microseconds since
1970 (a naive one as if it were UTC), since the feature says what it is. In a key, whose type nothing else says, a date
is extension 1 and a moment extension 2, both with eight bytes, big-endian.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import polars as pl

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive on purpose: for moments without a zone
_FIRST_DAY = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_DATE, _MOMENT = 1, 2
_EXT_BYTES = 8

_encode: Callable[[Any], bytes] = msgspec.msgpack.Encoder().encode
encode_plain = _encode
decode_plain: Callable[[bytes], list[Any]] = msgspec.msgpack.Decoder().decode
_Row: TypeAlias = tuple[int, int | None, int | None, tuple[Any, ...]]
# Tuples of a stated length cost a seventh less than lists, which is felt where a hundred entities are read.
decode_row: Callable[[bytes], _Row] = msgspec.msgpack.Decoder(_Row).decode


def micros(moment: datetime) -> int:
    """Microseconds since 1970; a naive moment counts as UTC."""
    since = moment - (EPOCH if moment.tzinfo is not None else _NAIVE_EPOCH)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(us: int) -> datetime:
    """The moment so many microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=us)


def encode_row(event_us: int, created_us: int | None, expires_us: int | None, values: Sequence[Any]) -> bytes:
    """A row of a view; the values as `plain_values` gives them."""
    return _encode((event_us, created_us, expires_us, values))


def encode_key(values: Sequence[Any]) -> bytes:
    """A key; values of Python's own types.

    Raises:
        InvalidInputError: A value is of a type that keys cannot have, such as a float or a list.
    """
    # The types that need nothing done are the ones that matter for speed.
    for value in values:
        if type(value) is not str and type(value) is not int:
            return _encode([_key_part(part) for part in values])
    return _encode(values)


def decode_key(key: bytes) -> list[Any]:
    """The values of a key."""
    values: list[Any] = decode_plain(key)
    return [_from_ext(value) if isinstance(value, msgspec.msgpack.Ext) else value for value in values]


def plain_values(columns: Sequence[str]) -> list[pl.Expr]:
    """Columns of features as they are coded: dates and moments (in lists, too) as numbers."""
    return [pl.col(name).to_physical() for name in columns]


def revive(dtype: pl.DataType) -> Callable[[Any], Any] | None:
    """What makes a coded value of a type a Python value again; None where it is one already."""
    if isinstance(dtype, pl.List):
        inner = revive(dtype.inner if isinstance(dtype.inner, pl.DataType) else dtype.inner())
        return None if inner is None else lambda values: [each if each is None else inner(each) for each in values]
    if isinstance(dtype, pl.Date):
        return lambda days: _FIRST_DAY + timedelta(days=days)
    if isinstance(dtype, pl.Datetime):
        start = _NAIVE_EPOCH if dtype.time_zone is None else EPOCH
        return lambda us: start + timedelta(microseconds=us)
    return None


def key_types(frame: pl.DataFrame | pl.LazyFrame, keys: Sequence[str]) -> list[str]:
    """The types of a table's keys, by their Polars names, checked to be such that can be keys.

    Raises:
        InvalidInputError: One cannot.
    """
    schema = frame.collect_schema()
    names = []
    for key in keys:
        dtype = schema[key]
        known = dtype.is_integer() or dtype in (pl.String, pl.Boolean, pl.Binary, pl.Date) or dtype.base_type() in (
            pl.Datetime, pl.Categorical, pl.Enum,
        )  # fmt: skip
        if not known:
            raise InvalidInputError(
                f"Values of the type {dtype} cannot be keys online, found in '{key}'.",
                hint="Whole numbers, texts, dates, moments, booleans and bytes can.",
            )
        name = "String" if dtype.base_type() in (pl.Categorical, pl.Enum) else str(dtype)
        names.append("Int64" if dtype.is_integer() else name)
    return names


def key_caster(type_name: str, column: str) -> Callable[[Any], Any]:
    """What makes a value that a request carries one of a key's type; JSON has no dates, and says 7 or "7".

    Raises:
        InvalidInputError: When it is called with a value that cannot be one.
    """
    if type_name == "Date":
        return lambda value: _as_day(_parsed(value, date.fromisoformat, column, "a date such as 2026-01-31"), column)
    if type_name.startswith("Datetime"):
        parse = datetime.fromisoformat
        return lambda value: _as_moment(_parsed(value, parse, column, "a moment such as 2026-01-31T10:00:00Z"))
    expected = {"Int64": int, "String": str, "Boolean": bool, "Binary": bytes}[type_name]

    def checked(value: Any) -> Any:
        # bool is an int in Python, but never an entity's number.
        if value is None or type(value) is expected or (isinstance(value, expected) and not isinstance(value, bool)):
            return value
        if expected is int and isinstance(value, float) and value.is_integer():
            return int(value)
        raise InvalidInputError(
            f"Expected values of the type {type_name} in the key '{column}', found {value!r:.60}.",
            hint="Give it as the view's dataset has it.",
        )

    return checked


def plain_value(column: pl.Series, place: int) -> Any:
    """One value of a column as Python has it: a list is a list, where Polars gives a Series."""
    return column.slice(place, 1).to_list()[0]


def _parsed(value: Any, parse: Callable[[str], Any], column: str, what: str) -> Any:
    if not isinstance(value, str):
        if value is None or isinstance(value, date):
            return value
    else:
        try:
            return parse(value)
        except ValueError:
            pass
    raise InvalidInputError(
        f"Expected {what} in the key '{column}', found {value!r:.60}.", hint="Write it as ISO 8601."
    )


def _as_day(value: date | None, column: str) -> date | None:
    if not isinstance(value, datetime):
        return value
    if value.time() == time():
        return value.date()
    raise InvalidInputError(f"Expected a date in the key '{column}', found the moment {value}.", hint="Give its day.")


def _as_moment(value: date | None) -> date | None:
    return value if value is None or isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def _key_part(value: Any) -> Any:
    if isinstance(value, datetime):
        return msgspec.msgpack.Ext(_MOMENT, micros(value).to_bytes(_EXT_BYTES, "big", signed=True))
    if isinstance(value, date):
        return msgspec.msgpack.Ext(_DATE, (value - _FIRST_DAY).days.to_bytes(_EXT_BYTES, "big", signed=True))
    if isinstance(value, str | int | bytes):
        return value
    raise InvalidInputError(
        f"Expected whole numbers, texts, dates, moments, booleans or bytes as keys, found {value!r:.60}.",
        hint="Keys name an entity; they are not measured.",
    )


def _from_ext(value: msgspec.msgpack.Ext) -> date | datetime:
    number = int.from_bytes(value.data, "big", signed=True)
    return _FIRST_DAY + timedelta(days=number) if value.code == _DATE else moment_of(number)
