"""Lists of records, and how much of them is asked for."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Generic, TypeAlias, TypeVar

import msgspec
from litestar.params import PathParameter, QueryParameter

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = TypeVar("Item")

MOST = 1000
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=MOST, description="Most items to return, 1 to 1000.")]
# Databases keep version numbers in four bytes.
Version: TypeAlias = Annotated[int, PathParameter(ge=1, le=2**31 - 1, description="The version's number, from 1.")]

# What names something in a path; no part of a path holds a slash.
Name: TypeAlias = Annotated[str, PathParameter(description="A name, or an id.")]
# Only what is about this, when given.
Filter: TypeAlias = Annotated[str | None, QueryParameter(description="Only what is about this; all when absent.")]


class Listing(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """Some records.

    Attributes:
        items: At most as many as asked for.
        limit: How many were asked for; there may be more when there are as many items.
    """

    items: list[Item]
    limit: int


def listing(records: Iterable[Item], limit: int) -> Listing[Item]:
    """The first so many records.

    Args:
        records: All of them, or at least `limit`.
        limit: How many, ≥ 1.
    """
    return Listing(items=list(islice(records, limit)), limit=limit)
