"""Moments as whole numbers, for statements that go to the drivers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exact; as the column type `Moment` keeps them."""
    gone = moment - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def moment(micros: int) -> datetime:
    """The moment of so many microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def optional_micros(moment: datetime | None) -> int | None:
    """The same for a moment that may be missing."""
    return None if moment is None else micros(moment)


def optional_moment(micros: int | None) -> datetime | None:
    """The same for a number that may be missing."""
    return None if micros is None else moment(micros)
