"""Column types that give the same values on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# What loads the dialects of all databases, such as an index with a condition: declared only when tables are made.
_LATER: list[Callable[[], object]] = []

# Compared and sorted by bytes on both: PostgreSQL's locale would order names differently from SQLite.
Key = Text().with_variant(Text(collation="C"), "postgresql")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(separators=(",", ":"))


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC, so that it sorts and is exact everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Microseconds since 1970."""
        del dialect
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The moment, in UTC."""
        del dialect
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """JSON values as text. NaN and infinities keep Python's `NaN` and `Infinity` forms, which JSONB would refuse."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The JSON text."""
        del dialect
        return _ENCODER.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The JSON values."""
        del dialect
        return None if value is None else json.loads(value)


def sequence() -> Column[int]:
    """A new first column: the order of insertion, which breaks ties between equal times."""
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True)


def declare_later(part: Callable[[], object]) -> None:
    """Have a part of a table declared when tables are made, and not by those who only read and write them.

    Args:
        part: Declares it; called once.
    """
    _LATER.append(part)


def declare_rest() -> None:
    """Declare what was given to `declare_later` until now."""
    while _LATER:
        _LATER.pop()()
