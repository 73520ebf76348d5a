"""Rows of a view that arrive one by one, online at once."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

import polars as pl

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.features.coding import key_types, micros
from millwright.data.features.online.event import add_events, events_by_key, refuse_events_without_ids
from millwright.data.features.online.lock import POLL_S, is_locked, view_lock
from millwright.data.features.online.newest import known_rows, newest_per_key, online_rows
from millwright.data.features.online.place import PlaceState, place_of, read_state, write_state
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view_rows import view_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.features.online.materialization import Means
    from millwright.data.features.online.place import StoredView
    from millwright.storage.base import LeaseStore

PushTarget: TypeAlias = Literal["both", "online", "offline"]
_TARGETS = ("both", "online", "offline")
_AHEAD_US = 1_000_000  # clocks of two machines may differ by so much
_WAIT_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PushResult:
    """What became of pushed rows.

    Attributes:
        rows: How many were pushed.
        online: How many are taken in online, or were known there.
        waiting: How many are later than now; a materialization after their moment brings them online.
        source: The dataset version that holds them, as `visits@3`; empty when they were pushed online only.
    """

    rows: int
    online: int
    waiting: int
    source: str


def push_rows(means: Means, leases: LeaseStore, view: StoredView, rows: pl.DataFrame, *, to: PushTarget) -> PushResult:
    """Take in rows of a view's source; see `OnlineFeatures.push`."""
    if to not in _TARGETS:
        raise InvalidInputError(f"Expected both, online or offline as what to push to, found {to!r}.")
    if not isinstance(view, StreamFeatureView) and view.transform is not None:
        raise InvalidInputError(
            f"The features of '{view.name}' are computed from its whole source, so that rows cannot be pushed to it.",
            hint=f"Append them to '{view.source}', then: mw features materialize {view.name}",
        )
    try:
        typed = view_rows(view, rows, where="the pushed rows").collect()
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The rows do not fit '{view.name}': {str(error).splitlines()[0][:300]}",
            hint="Does each feature's type hold its values? Nothing was pushed.",
        ) from error
    if typed.height != rows.height:
        raise InvalidInputError(
            f"{rows.height - typed.height:,} of the {rows.height:,} rows have no key or no moment.",
            hint="Leave them out; nothing was pushed.",
        )
    now_us = micros(means.clock.now())
    known = known_rows(view, typed.lazy(), since_us=None, until_us=now_us + _AHEAD_US).collect()
    is_stream = isinstance(view, StreamFeatureView)
    waiting = 0 if is_stream or to == "offline" else typed.height - known.height
    if waiting and to == "online":
        raise InvalidInputError(
            f"{waiting:,} of the {rows.height:,} rows are later than now, and would be kept nowhere.",
            hint="Push them to the dataset, too: to='both'.",
        )
    if to != "offline":
        _check_online(means, view, typed)
    put = partial(_put, means, view, typed if is_stream else known, now_us)
    # Without ids, a materialization meanwhile, or between the two, would count what is pushed twice, or not at all.
    is_alone = isinstance(view, StreamFeatureView) and view.event_id is None and to != "offline"
    lock = view_lock(leases, place_of(view), clock=means.clock, wait_s=_WAIT_S) if is_alone else nullcontext()
    with lock:
        # The dataset first: what is there comes online by the next materialization, should this process be killed now,
        # and by one that is running, should it replace what is put.
        source = "" if to == "online" else _append(means.datasets, view, rows)
        if to != "offline" and typed.height:
            if is_alone:
                _note_types(means, view, typed)
            else:
                _note_types_alone(means, leases, view, typed)
            if is_alone or to == "both":
                put()
            else:
                _put_to_stay(means, leases, view, put)
    online = 0 if to == "offline" else typed.height - waiting
    return PushResult(rows=rows.height, online=online, waiting=waiting, source=source)


def _check_online(means: Means, view: StoredView, rows: pl.DataFrame) -> None:
    """Refuse keys of another type than those online, under which nobody would find them, and events without ids."""
    state = read_state(means.store, place_of(view))
    types = tuple(key_types(rows, view.keys))
    if state is not None and types != state.key_types:
        raise InvalidInputError(
            f"Expected keys of the type {', '.join(state.key_types)} for '{view.name}', as they are online, "
            f"found {', '.join(types)}.",
            hint=f"Cast {', '.join(view.keys)}; nothing was pushed.",
        )
    if isinstance(view, StreamFeatureView):
        refuse_events_without_ids(view, rows)


def _note_types(means: Means, view: StoredView, rows: pl.DataFrame) -> None:
    if read_state(means.store, place_of(view)) is None:
        write_state(means.store, place_of(view), PlaceState(key_types=tuple(key_types(rows, view.keys))))


def _note_types_alone(means: Means, leases: LeaseStore, view: StoredView, rows: pl.DataFrame) -> None:
    """Note the types of the first keys, yet not over what another process notes meanwhile."""
    place, deadline = place_of(view), time.monotonic() + _WAIT_S
    while read_state(means.store, place) is None:
        try:
            with view_lock(leases, place, clock=means.clock, wait_s=0):
                _note_types(means, view, rows)
        except ConflictError:  # whoever has the lock notes them soon
            if time.monotonic() >= deadline:
                raise
            time.sleep(POLL_S)


def _put(means: Means, view: StoredView, rows: pl.DataFrame, now_us: int) -> None:
    if isinstance(view, StreamFeatureView):
        add_events(means.store, place_of(view), view, events_by_key(view, rows, now_us), now_us)
    else:
        means.store.put(place_of(view), online_rows(view, newest_per_key(view, rows)))


def _put_to_stay(means: Means, leases: LeaseStore, view: StoredView, put: Callable[[], None]) -> None:
    """Put rows that no dataset has: again, where a pass that began before their end replaced what is online."""
    place, deadline = place_of(view), time.monotonic() + _WAIT_S
    while True:
        before = read_state(means.store, place)
        put()
        state = read_state(means.store, place)
        was_replaced = (state and state.rebuild) != (before and before.rebuild)
        while state is not None and _is_replaced(means, leases, place, state):
            was_replaced = True
            if time.monotonic() >= deadline:
                raise ConflictError(
                    f"'{view.name}' is being computed anew by another process, which may forget the pushed rows.",
                    hint="Push them again when it is done.",
                )
            time.sleep(POLL_S)
            state = read_state(means.store, place)
        if not was_replaced:
            return


def _is_replaced(means: Means, leases: LeaseStore, place: str, state: PlaceState) -> bool:
    """Whether a process is replacing what is online: a dead one is not, though its pass is pending."""
    is_begun = state.pending is not None and state.pending.rebuild
    return is_begun and is_locked(leases, place, clock=means.clock)


def _append(datasets: DatasetCatalog, view: StoredView, rows: pl.DataFrame) -> str:
    try:
        kind = datasets.get(view.source).record.kind
    except NotFoundError:
        kind = DatasetKind.SOURCE
    return datasets.write(rows, view.source, kind=kind, options=WriteOptions(mode="append")).record.ref
