"""Lists of records, and how much of them is asked for."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Generic, Literal, TypeAlias, TypeVar

import msgspec
from litestar.params import PathParameter, QueryParameter

from millwright.core.filter import parse_filter, parse_order
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.search import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.filter import FilterSchema
    from millwright.core.records.search import Page

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


class Part(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """Some of the records that were searched.

    Attributes:
        items: At most as many as asked for.
        limit: How many were asked for.
        next_page_token: What to ask for next, as `page_token`; null behind the last ones.
    """

    items: list[Item]
    limit: int
    next_page_token: str | None


def part(page: Page[Item], limit: int) -> Part[Item]:
    """A page of a store, as it is sent."""
    return Part(items=list(page.items), limit=limit, next_page_token=page.next_token)


def listing(records: Iterable[Item], limit: int) -> Listing[Item]:
    """The first so many records.

    Args:
        records: All of them, or at least `limit`.
        limit: How many, ≥ 1.
    """
    return Listing(items=list(islice(records, limit)), limit=limit)


Asked: TypeAlias = Annotated[
    str,
    QueryParameter(description="A filter: metrics.auc > 0.8 and (params.model = 'rf' or tags.team = 'a')."),
]
Ordered: TypeAlias = Annotated[
    list[str] | None, QueryParameter(description="Fields to sort by, the first one first, such as: metrics.auc DESC.")
]
View: TypeAlias = Annotated[
    Literal["active", "deleted", "all"], QueryParameter(description="Those in use, the deleted ones, or all.")
]
PageToken: TypeAlias = Annotated[
    str | None, QueryParameter(description="The next_page_token of the answer before, which asked for the same.")
]


def query_of(
    schema: FilterSchema, text: str, order: Sequence[str], *, limit: int, page_token: str | None = None
) -> Query:
    """A search in the language of filters, with OR, NOT and parentheses.

    Args:
        schema: What is searched.
        text: The filter; all records when empty.
        order: Keys of the order, the first one first.
        limit: How many records.
        page_token: Of the page before.

    Raises:
        InvalidInputError: The filter or the order cannot be read; says what was expected.
    """
    return Query(
        where=parse_filter(text, schema, disjunctions=True),
        order=tuple(parse_order(each, schema) for each in order if each.strip()),
        limit=limit,
        after=page_token or None,
    )


def lifecycle_of(view: str) -> Lifecycle | None:
    """What stores call a view; None for all."""
    return None if view == "all" else Lifecycle(view)
