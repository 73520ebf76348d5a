"""The types of features, by their Polars names, such as `Float64` or `List(Float32)`."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from millwright.core.errors import InvalidInputError, closest

_PLAIN: dict[str, pl.DataType] = {
    str(dtype): dtype
    for dtype in (
        pl.Boolean(),
        pl.Int8(),
        pl.Int16(),
        pl.Int32(),
        pl.Int64(),
        pl.UInt8(),
        pl.UInt16(),
        pl.UInt32(),
        pl.UInt64(),
        pl.Float32(),
        pl.Float64(),
        pl.String(),
        pl.Binary(),
        pl.Date(),
        pl.Datetime("us", "UTC"),
        pl.Datetime("us"),
    )
}
_SHORT = {"Datetime": pl.Datetime("us", "UTC"), "Datetime(us, UTC)": pl.Datetime("us", "UTC"), "Utf8": pl.String()}
_LIST = re.compile(r"List\((.+)\)")


def type_name(dtype: Any) -> str:
    """The name of a type that features can have.

    Args:
        dtype: A Polars type, its class, or its name. `Datetime` alone is `Datetime(us, UTC)`.

    Raises:
        InvalidInputError: There is no such type, or values of it cannot be features; the message names the closest.
    """
    if isinstance(dtype, type) and issubclass(dtype, pl.Datetime):
        return str(_SHORT["Datetime"])
    return str(value_type(str(dtype() if isinstance(dtype, type) and issubclass(dtype, pl.DataType) else dtype)))


def value_type(name: str) -> pl.DataType:
    """The Polars type of a name; see `type_name`.

    Raises:
        InvalidInputError: There is no such type, or values of it cannot be features.
    """
    nested = _LIST.fullmatch(name)
    if nested:
        return pl.List(value_type(nested.group(1)))
    found = _PLAIN.get(name) or _SHORT.get(name)
    if found is None:
        raise InvalidInputError(
            f"Features cannot have the type {name!r}.", hint=closest(name, {*_PLAIN, "List(Float64)"})
        )
    return found
