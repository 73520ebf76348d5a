"""The values of windows at many moments, from a table of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.data.features.as_of import ViewRows, as_of
from millwright.data.features.moment import MOMENT, as_moment
from millwright.data.features.stream_view import WindowKind
from millwright.data.features.value_type import value_type
from millwright.data.features.window.tile import in_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.data.features.stream_view import StreamFeatureView, Window

_PAIRS_AT_ONCE = 10_000_000  # (moment, event) pairs in memory; about 50 bytes each, and their values
_KEY = "__millwright_key_{}"
_AT = "__millwright_at"
_CREATED = "__millwright_created"
_PLACE = "__millwright_place"
_ROW = "__millwright_row"
_ID = "__millwright_id"
_VALUE = "__millwright_value_{}"


def windows_as_of(
    view: StreamFeatureView, events: pl.DataFrame, keys: Sequence[pl.Series], at: pl.Series
) -> pl.DataFrame:
    """The values of a view's windows for Q entities, each at a moment of its own.

    The work grows with the number of pairs of a wanted row and an event that its longest window covers.

    Args:
        view: Whose windows; what each covers is said in `window`.
        events: N events in the order of their arrival, with the columns that the view names. Those without a key, a
            timestamp, or (where there is such a column) a created timestamp count nowhere.
        keys: The wanted entities' keys, Q values each, in the view's order.
        at: The wanted moments, Datetime(us, UTC). Where it or a key is null, there are no events.

    Returns:
        One column per window, by its feature's name and of its type; Q rows in their order.
    """
    by = [_KEY.format(number) for number in range(len(view.keys))]
    ordered = _ordered(view, events, by)
    named = [key.alias(name) for name, key in zip(by, keys, strict=True)]
    wanted = pl.DataFrame([*named, at.cast(MOMENT).alias(_AT)]).with_row_index(_ROW)
    ranges = _ranges(view, wanted, ordered, by)
    parts = [_aggregated(view, part, ordered) for part in _parts(ranges)]
    found = wanted.select(_ROW)
    found = found.join(pl.concat(parts), on=_ROW, how="left", maintain_order="left") if parts else found
    # Filled in place: an expression of literals alone would give one row, whatever their number.
    for window in view.windows:
        if window.feature not in found.columns:
            found = found.with_columns(pl.lit(None, dtype=window.output.polars_type).alias(window.feature))
    result = found.with_columns(map(_filled, view.windows)).select(view.names)
    return result if view.ttl is None else _fresh(view, result, wanted, ordered, by)


def _ordered(view: StreamFeatureView, events: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Events that count, each once, by key, timestamp, created and arrival."""
    created = "created" if view.created is None and "created" in events.columns else view.created
    columns = [pl.col(key).alias(name) for name, key in zip(by, view.keys, strict=True)]
    columns.append(as_moment(view.timestamp, events.schema[view.timestamp], f"'{view.source}'").alias(_AT))
    needed = [*by, _AT]
    if created:
        columns.append(as_moment(created, events.schema[created], f"'{view.source}'").alias(_CREATED))
        needed.append(_CREATED)
    if view.event_id:
        columns.append(pl.col(view.event_id).alias(_ID))
    columns += [_value_of(window).alias(_VALUE.format(number)) for number, window in enumerate(view.windows)]
    frame = events.select(columns).with_row_index(_PLACE).drop_nulls(needed)
    if view.event_id:
        first = frame.sort([_CREATED] if created else [_PLACE], maintain_order=True)
        known, unknown = first.filter(pl.col(_ID).is_not_null()), first.filter(pl.col(_ID).is_null())
        frame = pl.concat([known.unique([*by, _ID], keep="first", maintain_order=True), unknown])
    return frame.sort([*by, _AT, *([_CREATED] if created else []), _PLACE]).drop(_PLACE).with_row_index(_PLACE)


def _value_of(window: Window) -> pl.Expr:
    if window.column is None:
        return pl.lit(1, dtype=pl.Int64)
    column = pl.col(window.column)
    if window.kind in {WindowKind.SUM, WindowKind.MEAN}:
        return column.cast(pl.Float64)
    return column.cast(value_type(window.dtype)) if window.kind is WindowKind.LAST else column


def _first(window: Window) -> pl.Expr:
    """From which moment on a window covers events."""
    hop = in_us(window.hop)
    at = pl.col(_AT).cast(pl.Int64)
    return (at.floordiv(hop) * hop + hop - in_us(window.over)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _ranges(view: StreamFeatureView, wanted: pl.DataFrame, ordered: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """For each wanted row the places of the events from `start` to before `end` that its longest window covers."""
    asked = wanted.drop_nulls([*by, _AT]).with_columns(pl.min_horizontal(map(_first, view.windows)).alias("from"))
    places = ordered.select(*by, pl.col(_AT).alias("event"), pl.col(_PLACE).cast(pl.Int64).alias("place"))
    places = places.sort("event", maintain_order=True)
    ended = asked.sort(_AT).join_asof(
        places, left_on=_AT, right_on="event", by=by or None, strategy="backward", check_sortedness=False
    )
    begun = asked.sort("from").join_asof(
        places, left_on="from", right_on="event", by=by or None, strategy="forward", check_sortedness=False
    )
    ended = ended.select(_ROW, (pl.col("place") + 1).alias("end"))
    begun = begun.select(_ROW, pl.col("place").alias("start"))
    found = asked.select(_ROW, _AT).join(ended, on=_ROW).join(begun, on=_ROW).sort(_ROW)
    return found.filter(pl.col("start") < pl.col("end"))


def _parts(ranges: pl.DataFrame) -> list[pl.DataFrame]:
    """Ranges, so few at a time that their pairs fit into memory."""
    number = (pl.col("end") - pl.col("start")).cum_sum() // _PAIRS_AT_ONCE
    return ranges.with_columns(number.alias("part")).partition_by("part", include_key=False) if ranges.height else []


def _aggregated(view: StreamFeatureView, ranges: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    places = pl.int_ranges("start", "end").alias("place")
    pairs = ranges.select(_ROW, pl.col(_AT).alias("wanted"), places).explode("place")
    taken = ordered[pairs["place"]].drop(_PLACE)
    both = pl.concat([pairs.select(_ROW, "wanted"), taken], how="horizontal")
    if _CREATED in both.columns:
        both = both.filter(pl.col(_CREATED) <= pl.col("wanted"))
    starts = [_first(window).alias(f"start_{number}") for number, window in enumerate(view.windows)]
    moments = both.select(pl.col("wanted").alias(_AT)).select(starts)
    both = pl.concat([both, moments], how="horizontal")
    return both.group_by(_ROW, maintain_order=True).agg(
        _aggregate(window, _VALUE.format(number), f"start_{number}").alias(window.feature)
        for number, window in enumerate(view.windows)
    )


def _aggregate(window: Window, column: str, start: str) -> pl.Expr:
    values = pl.col(column)
    there = values.filter((pl.col(_AT) >= pl.col(start)) & values.is_not_null())
    match window.kind:
        case WindowKind.COUNT:
            return there.len().cast(pl.Int64)
        case WindowKind.SUM:
            return there.sum()
        case WindowKind.MEAN:
            return there.mean()
        case WindowKind.DISTINCT:
            return there.n_unique().cast(pl.Int64)
        case WindowKind.LAST:
            return there.tail(window.n).reverse() if window.n > 1 else there.last()


def _filled(window: Window) -> pl.Expr:
    named = pl.col(window.feature).cast(window.output.polars_type)
    if window.kind in {WindowKind.COUNT, WindowKind.DISTINCT, WindowKind.SUM}:
        return named.fill_null(0)
    return named.fill_null(pl.lit([], dtype=window.output.polars_type)) if window.n > 1 else named


def _fresh(
    view: StreamFeatureView, result: pl.DataFrame, wanted: pl.DataFrame, ordered: pl.DataFrame, by: list[str]
) -> pl.DataFrame:
    """Null where the last event is too old, or there is none."""
    rows = ViewRows(
        keys=[ordered[name] for name in by],
        timestamp=ordered[_AT],
        created=ordered[_CREATED] if _CREATED in ordered.columns else None,
        ttl=view.ttl,
    )
    last = as_of([wanted[name] for name in by], wanted[_AT], rows).alias(_PLACE)
    return result.with_columns(last).select(
        pl.when(pl.col(_PLACE).is_not_null()).then(pl.col(window.feature)).alias(window.feature)
        for window in view.windows
    )
