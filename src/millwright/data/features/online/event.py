"""Events of a stream view, taken into the tiles that are kept online."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.data.features.online.newest import coded_keys
from millwright.data.features.stream_view import WindowKind
from millwright.data.features.value_type import value_type
from millwright.data.features.view_rows import created_column
from millwright.data.features.window.tile import EntityTiles, WindowEvent, first_tile
from millwright.storage.base.online import OnlineRow, Swap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.data.features.stream_view import StreamFeatureView, Window
    from millwright.storage.base.online import OnlineStore

_ATTEMPTS = 100  # each lost one means that somebody else's was made
_KEYS_AT_ONCE = 5000


def events_by_key(view: StreamFeatureView, rows: pl.DataFrame, now_us: int) -> dict[bytes, list[WindowEvent]]:
    """Events of each entity, in the order of their arrival.

    Args:
        view: Whose windows.
        rows: As `view_rows` gives them.
        now_us: Of the events that no window reaches any more at this moment, only the last of each entity is kept.
    """
    created = created_column(view, rows.columns)
    # What stands for a value must not depend on the table that it comes in.
    rows = rows.with_columns(
        cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String), cs.datetime().dt.cast_time_unit("us")
    )
    horizon = min(first_tile(now_us, window) for window in view.windows)
    old = pl.col(view.timestamp).cast(pl.Int64) < horizon
    gone = rows.filter(old).sort(view.timestamp, maintain_order=True)
    gone = gone.unique(view.keys, keep="last", maintain_order=True) if view.keys else gone.tail(1)
    rows = pl.concat([gone, rows.filter(~old)])
    moments = rows[view.timestamp].cast(pl.Int64).to_list()
    recorded = rows[created].cast(pl.Int64).to_list() if created else [None] * rows.height
    names = rows[view.event_id].to_physical().to_list() if view.event_id else [None] * rows.height
    # Not `select` alone: where all windows count events and so take no column, it would give one row.
    made = rows.with_columns(_value_of(window).alias(window.feature) for window in view.windows)
    values = made.select(window.feature for window in view.windows).rows()
    found: dict[bytes, list[WindowEvent]] = {}
    for key, *event in zip(coded_keys(view, rows), moments, recorded, names, values, strict=True):
        found.setdefault(key, []).append(WindowEvent(*event))
    return found


def refuse_events_without_ids(view: StreamFeatureView, rows: pl.DataFrame) -> None:
    """Refuse events that a view with ids would count again when they come again.

    Raises:
        InvalidInputError: One has no id.
    """
    lacking = rows[view.event_id].null_count() if view.event_id else 0
    if lacking:
        raise InvalidInputError(
            f"{lacking:,} of the {rows.height:,} events have no '{view.event_id}', by which '{view.name}' knows those "
            "that come again.",
            hint=f"Give each an id; or count what the dataset has now: mw features materialize {view.name} --rebuild",
        )


def add_events(
    store: OnlineStore, place: str, view: StreamFeatureView, events: Mapping[bytes, Sequence[WindowEvent]], now_us: int
) -> None:
    """Take events in, each key atomically; others may do so at the same time.

    Raises:
        ConflictError: Others kept changing a key.
    """
    keys = list(events)
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        waiting = keys[start : start + _KEYS_AT_ONCE]
        for _ in range(_ATTEMPTS):
            changes = []
            for key, raw in zip(waiting, store.get([(place, waiting)])[0], strict=True):
                entity = EntityTiles(view, raw)
                entity.add(events[key], now_us)
                changes.append(Swap(key, raw, entity.encode()))
            made = store.swap(place, changes)
            waiting = [key for key, was_made in zip(waiting, made, strict=True) if not was_made]
            if not waiting:
                break
        else:
            raise ConflictError(
                f"{len(waiting):,} entities of '{view.name}' were changed by others {_ATTEMPTS} times over.",
                hint="Push again: with an event_id, what was taken in is not counted twice.",
            )


def rebuilt_rows(
    view: StreamFeatureView, events: Mapping[bytes, Sequence[WindowEvent]], now_us: int
) -> list[OnlineRow]:
    """Rows that hold these events and no others."""
    found = []
    for key, own in events.items():
        entity = EntityTiles(view)
        entity.add(own, now_us)
        found.append(OnlineRow(key, now_us, None, entity.encode()))
    return found


def _value_of(window: Window) -> pl.Expr:
    if window.column is None:
        return pl.lit(1)
    column = pl.col(window.column)
    if window.kind in {WindowKind.SUM, WindowKind.MEAN}:
        return column.cast(pl.Float64)
    if window.kind is WindowKind.LAST:
        column = column.cast(value_type(window.dtype))
    if window.kind is WindowKind.COUNT:
        return pl.when(column.is_not_null()).then(1)
    return column.to_physical()
