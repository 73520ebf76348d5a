"""Features of entity rows, each as it was known at the row's moment.

Path: `features_at` → one `as_of` per view and set of keys → the values at the places found → on-demand views.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.engines.engine import EngineName
from millwright.data.features.alignment import aligned_keys
from millwright.data.features.as_of import ViewRows, as_of
from millwright.data.features.large_view import LargeViews
from millwright.data.features.moment import as_moment
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.plan import StoredView
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view_rows import created_column, value_columns
from millwright.data.features.window.offline import windows_as_of

if TYPE_CHECKING:
    from millwright.data.features.plan import FeaturePlan, Lookup
    from millwright.data.features.view import FeatureSelection

_WHERE = "the entity rows"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFeatures:
    """What was found.

    Attributes:
        frame: One column per feature, in the order wanted; as many rows as there were entity rows, in their order.
        matched: View → for how many of the rows it had a value that counts.
    """

    frame: pl.DataFrame
    matched: Mapping[str, int]


def features_at(
    rows: pl.DataFrame,
    plan: FeaturePlan,
    *,
    timestamp: str,
    read: Callable[[StoredView], pl.LazyFrame],
    large: LargeViews | None = None,
) -> FoundFeatures:
    """Features as they were known at each row's moment; see `as_of` for the rule.

    Args:
        rows: Q entity rows: the keys, the moment, and what on-demand views want of the request.
        plan: What is wanted.
        timestamp: The column with the moment; naive ones count as UTC, dates as their midnight.
        read: Gives the rows of a view, see `view_rows`.
        large: Finds features of views whose rows are not to be brought into memory.

    Raises:
        InvalidInputError: A column is absent or there already, or a key has another type than the view's.
    """
    _check(rows, plan, timestamp)
    at = rows.select(as_moment(timestamp, rows.schema[timestamp], _WHERE)).to_series()
    found: dict[tuple[str, tuple[str, ...]], pl.DataFrame] = {}
    matched: dict[str, int] = {}
    for lookup in plan.lookups:
        values, count = _looked_up(rows, at, lookup, _Reading(read, large))
        found[lookup.view.name, lookup.entity_columns] = values
        matched[lookup.view.name] = max(count, matched.get(lookup.view.name, 0))
    columns: list[pl.Series] = []
    for selection in plan.selections:
        columns += _selected(selection, rows, found).get_columns()
    return FoundFeatures(frame=pl.DataFrame(columns), matched=matched)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the rows of views are got at."""

    read: Callable[[StoredView], pl.LazyFrame]
    large: LargeViews | None


def _looked_up(rows: pl.DataFrame, at: pl.Series, lookup: Lookup, reading: _Reading) -> tuple[pl.DataFrame, int]:
    view = lookup.view
    if reading.large is not None:
        found = reading.large.find(lookup, rows, at)
        if found is not None:
            return found.values, found.matched
    known, created = _known(lookup, rows, reading)
    keys = [
        aligned_keys(rows[to], known[key], view.name) for key, to in zip(view.keys, lookup.entity_columns, strict=True)
    ]
    wanted = [one for one, _ in keys]
    view_keys = [other for _, other in keys]
    place = as_of(
        wanted,
        at,
        ViewRows(
            keys=view_keys,
            timestamp=known[view.timestamp],
            created=None if created is None else known[created],
            ttl=view.ttl,
        ),
    )
    if isinstance(view, StreamFeatureView):
        events = known.with_columns(key.alias(name) for name, key in zip(view.keys, view_keys, strict=True))
        values = windows_as_of(view, events, wanted, at).select(lookup.features)
    else:
        values = known.select(pl.col(name).gather(place) for name in lookup.features)
    return values, place.len() - place.null_count()


def _known(lookup: Lookup, rows: pl.DataFrame, reading: _Reading) -> tuple[pl.DataFrame, str | None]:
    """The view's rows with what the lookup needs of them, and which column says when they were recorded."""
    view, large = lookup.view, reading.large
    is_large = large is not None and large.engine_of(view) is not EngineName.POLARS
    if large is not None and is_large:
        source = large.rows(view, lookup, rows)
    else:
        source = _of_wanted(reading.read(view), lookup, rows)
    names = source.collect_schema().names()
    created = created_column(view, names)
    moments = [view.timestamp] if created is None else [view.timestamp, created]
    values = value_columns(view) if isinstance(view, StreamFeatureView) else lookup.features
    engine: Literal["streaming", "in-memory"] = "streaming" if is_large else "in-memory"
    try:
        return source.select(*view.keys, *moments, *values).collect(engine=engine), created
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The rows of '{view.name}' cannot be computed: {str(error).splitlines()[0][:300]}",
            hint="Does each feature's type hold its values?",
        ) from error


def _of_wanted(source: pl.LazyFrame, lookup: Lookup, rows: pl.DataFrame) -> pl.LazyFrame:
    """View rows without those of entities that nobody asks for, so that less is read, sorted and kept in memory."""
    keys, schema = lookup.view.keys, source.collect_schema()
    wanted = rows.select(pl.col(to).alias(key) for key, to in zip(keys, lookup.entity_columns, strict=True)).unique()
    if not keys or any(schema.get(key) != dtype for key, dtype in wanted.schema.items()):
        return source  # what fits without being the same type is told when both are there
    if len(keys) == 1 and (wanted.dtypes[0].is_integer() or wanted.dtypes[0] == pl.String):
        # While reading, which a join waits for.
        return source.filter(pl.col(keys[0]).is_in(wanted.to_series().implode()))
    return source.join(wanted.lazy(), on=keys, how="semi", maintain_order="left")


def _selected(
    selection: FeatureSelection, rows: pl.DataFrame, found: Mapping[tuple[str, tuple[str, ...]], pl.DataFrame]
) -> pl.DataFrame:
    view = selection.view
    if isinstance(view, OnDemandFeatureView):
        inputs = [rows.select(feature.name for feature in view.request)] if view.request else []
        inputs += [_selected(source, rows, found) for source in view.sources]
        given = pl.concat(inputs, how="horizontal")
        values = view.compute(given)
        view.refuse_mixed_rows(given, values)
    else:
        values = found[view.name, selection.entity_columns]
    return values.select(
        pl.col(name).alias(output) for name, output in zip(selection.names, selection.outputs, strict=True)
    )


def _check(rows: pl.DataFrame, plan: FeaturePlan, timestamp: str) -> None:
    for what, names in (("key", plan.entity_columns), ("moment", (timestamp,)), ("request", plan.request_columns)):
        for name in names:
            if name not in rows.columns:
                raise InvalidInputError(
                    f"Expected a column '{name}' ({what}) in the entity rows, found none.",
                    hint=closest(name, rows.columns),
                )
    twice = [name for name in plan.outputs if name in rows.columns]
    if twice:
        raise InvalidInputError(
            f"The entity rows have {', '.join(map(repr, twice))} already.",
            hint="Leave it out of them, or want the feature under another name: view.with_keys({}, prefix='known_').",
        )
