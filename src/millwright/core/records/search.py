"""Questions to a store: conditions, orders and pages, whatever grammar they were written in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Kind(StrEnum):
    """What part of a record a field names."""

    ATTRIBUTE = "attribute"
    METRIC = "metric"
    PARAM = "param"
    TAG = "tag"
    DATASET = "dataset"
    ALIAS = "alias"
    METADATA = "metadata"  # of traces, as are the next ones
    SPAN = "span"  # key: `name`, `type`, `status`, `content`, or `attributes.` and a name
    FEEDBACK = "feedback"
    EXPECTATION = "expectation"
    ISSUE = "issue"  # key: `id`


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A value to compare or to sort by.

    Attributes:
        key: The name of the metric, parameter or tag; of attributes those that each store's `search` lists.
    """

    kind: Kind
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One test of one field.

    Attributes:
        op: One of `=`, `!=`, `<`, `<=`, `>`, `>=`, `LIKE`, `ILIKE`, `RLIKE`, `IN`, `NOT IN`, `IS NULL`,
            `IS NOT NULL`. Of the patterns only `%` and `_` have a meaning; LIKE minds upper and lower case, ILIKE does
            not. RLIKE finds regular expressions.
        value: Text, a number, several of them after `IN`, or None after `IS`. Times are milliseconds since 1970.
    """

    field: Field
    op: str
    value: str | float | int | tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class All:
    """Every part is true; so is one without parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Any_:  # noqa: N801 - `Any` is taken, and this is the field's word
    """One part at least is true; none is of one without parts."""

    parts: tuple[Condition, ...]


Condition = Comparison | All | Any_


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One key of a sort order. In both directions NaN comes after the numbers, and what has no value comes last."""

    field: Field
    ascending: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Which records, in which order, and how many of them.

    Attributes:
        where: None for all.
        order: The keys, the most important one first; each store's `search` says how ties are broken.
        limit: How many at most in one page, ≥ 0.
        after: The token of the page before; None for the first page. It fits only the query that gave it.
    """

    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int = 100
    after: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[T]):
    """A part of a result.

    Attributes:
        next_token: For `Query.after`, to have the next page; None after the last one.
    """

    items: tuple[T, ...] = ()
    next_token: str | None = None
