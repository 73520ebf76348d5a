"""Searches in the registry: filters and orders of MLflow's clients, prompts apart from models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.filter import MODEL_VERSIONS, REGISTERED_MODELS, FilterSchema, parse_filter, parse_order
from millwright.core.records.search import All, Comparison, Field, Kind, Order, Query
from millwright.server.mlflow.failure import invalid, unfit
from millwright.server.mlflow.registry.registry_name import PROMPT_TAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.search import Condition

PROMPT = (PROMPT_TAG, "true")
MODEL_FIELDS = replace(REGISTERED_MODELS, numbers={}, listed=frozenset({"name"}))
VERSION_FIELDS = FilterSchema(
    what=MODEL_VERSIONS.what,
    texts={name: name for name in ("name", "run_id", "source_path")},
    numbers={"version_number": "version_number"},
    listed=frozenset({"name", "run_id"}),
)
MODEL_ORDER = replace(
    REGISTERED_MODELS,
    numbers=dict.fromkeys(("last_updated_timestamp", "timestamp"), "last_updated_timestamp"),
)
VERSION_ORDER = FilterSchema(
    what=MODEL_VERSIONS.what,
    texts={"name": "name"},
    numbers={name: name for name in ("version_number", "creation_timestamp", "last_updated_timestamp")},
)


def read_query(
    schemas: tuple[FilterSchema, FilterSchema], text: str, orders: Sequence[str], page: tuple[int, str]
) -> tuple[Query, tuple[str, str] | None]:
    """The query of a search, and the tag that leaves prompts out (None when prompts are asked for).

    Args:
        schemas: What filters and orders may name.
        text: The filter.
        orders: The keys of the order.
        page: How many at most, and the token of the page before.

    Raises:
        InvalidInputError: The filter or an order cannot be read.
        WireError: An order names a field twice.
    """
    tests = _tests(parse_filter(text, schemas[0]))
    asks_for_prompts = False
    about = [test for test in tests if test.field == Field(kind=Kind.TAG, key=PROMPT_TAG)]
    if about:
        asks_for_prompts = (about[0].op, str(about[0].value).lower()) in {("=", "true"), ("!=", "false")}
        if not asks_for_prompts:
            tests = [test for test in tests if test not in about]
    keys = _orders(orders, schemas[1])
    query = Query(
        where=All(parts=tuple(map(_whole, tests))) if tests else None,
        order=keys,
        limit=page[0],
        after=page[1] or None,
    )
    return query, None if asks_for_prompts else PROMPT


def check_limit(limit: int, most: int) -> int:
    """How many to give at most.

    Raises:
        WireError: More than allowed are asked for, or fewer than none.
    """
    if limit > most:
        raise unfit("max_results", str(limit))
    if limit < 0:
        raise invalid(f"Invalid value for max_results. It must be a positive integer, but got {limit}")
    return limit


def _orders(orders: Sequence[str], schema: FilterSchema) -> tuple[Order, ...]:
    found = tuple(parse_order(text, schema) for text in orders)
    if len({order.field for order in found}) < len(found):
        raise invalid(f"`order_by` contains duplicate fields: {list(orders)}")
    if any(order.field.kind is not Kind.ATTRIBUTE for order in found):
        raise invalid(f"Invalid order_by entity in {list(orders)}: expected an attribute.")
    return found


def _tests(where: Condition | None) -> list[Comparison]:
    if where is None:
        return []
    if isinstance(where, Comparison):
        return [where]
    return [test for part in where.parts for test in _tests(part)]


def _whole(test: Comparison) -> Comparison:
    if not isinstance(test.value, float):
        return test
    if not test.value.is_integer():
        raise invalid(f"Invalid value for numeric attribute '{test.field.key}': {test.value!r}")
    return replace(test, value=int(test.value))
