"""The same key of wanted rows and of a view, with one type."""

from __future__ import annotations

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.features.moment import as_moment

_WHERE = "the entity rows"
_TEXT = (pl.String, pl.Categorical, pl.Enum)


def aligned_keys(wanted: pl.Series, known: pl.Series, view: str) -> tuple[pl.Series, pl.Series]:
    """A key of both sides with one type.

    Integers get the view's type (null where that cannot hold one: it is in none of its rows), texts of any kind become
    text, and moments UTC.

    Args:
        wanted: Of the wanted rows.
        known: Of the view's rows; may be empty, when only the type is of interest.
        view: The view's name, for messages.

    Raises:
        InvalidInputError: The types are not of one kind.
    """
    one, other = wanted.dtype, known.dtype
    if one == other:
        return wanted, known
    if one.is_integer() and other.is_integer():
        return wanted.cast(other, strict=False), known
    if isinstance(one, _TEXT) and isinstance(other, _TEXT):
        return wanted.cast(pl.String), known.cast(pl.String)
    if isinstance(one, pl.Datetime) and isinstance(other, pl.Datetime):
        return tuple(  # type: ignore[return-value]
            side.to_frame("key").select(as_moment("key", side.dtype, _WHERE)).to_series() for side in (wanted, known)
        )
    if isinstance(one, pl.Null):
        return wanted.cast(other), known
    raise InvalidInputError(
        f"Expected {other} in the key '{wanted.name}' of the entity rows, as '{known.name}' of '{view}', found {one}.",
        hint="Cast one of them.",
    )
