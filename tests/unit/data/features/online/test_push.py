"""Pushed rows."""

from __future__ import annotations

import contextlib
import importlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
import pytest

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.data.features.online.lock import view_lock
from millwright.data.features.online.place import PendingPass, place_of, read_state, write_state
from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from millwright.testing.process import in_threads
from tiny.online_stream import visits
from tiny.online_world import phases, row, table

if TYPE_CHECKING:
    from tiny.online_world import World


def test_pushed_rows_are_online_at_once_and_in_the_dataset(world: World) -> None:
    world.write([row(1, -3), row(2, -2)])
    world.online.materialize(phases())
    found = world.online.push(phases(), table([row(1, -1), row(2, -5), row(3, -1)]))
    assert (found.rows, found.online, found.waiting, found.source) == (3, 3, 0, "phases@2")
    assert world.values(phases(), 1, 2, 3) == [-1.0, -2.0, -1.0]
    assert world.online.check(phases(), sample=None).is_consistent
    (record,) = world.online.materialize(phases())
    assert record.rows == 3
    assert world.values(phases(), 1, 2, 3) == [-1.0, -2.0, -1.0]


@pytest.mark.parametrize(("to", "online", "rows"), [("online", -1.0, 1), ("offline", -3.0, 2), ("both", -1.0, 2)])
def test_rows_go_where_they_are_pushed_to(world: World, to: Any, online: float, rows: int) -> None:
    world.write([row(1, -3)])
    world.online.materialize(phases())
    world.online.push(phases(), table([row(1, -1)]), to=to)
    assert world.values(phases(), 1) == [online]
    assert world.datasets.get("phases").record.rows == rows


def test_first_push_makes_the_dataset(world: World) -> None:
    world.online.push(phases(), table([row(1, -1)]))
    assert world.values(phases(), 1) == [-1.0]
    assert world.datasets.get("phases").record.rows == 1


def test_row_of_the_future_waits_in_the_dataset(world: World) -> None:
    found = world.online.push(phases(), table([row(1, -1), row(1, 1)]))
    assert (found.online, found.waiting) == (1, 1)
    assert world.values(phases(), 1) == [-1.0]
    with pytest.raises(InvalidInputError, match="later than now"):
        world.online.push(phases(), table([row(1, 1)]), to="online")


def test_rows_that_cannot_be_pushed_change_nothing(world: World) -> None:
    world.write([row(1, -3)])
    for rows, said in (
        (table([row(1, -1), row(None, -1)]), "1 of the 2 rows have no key"),
        (table([row(1, -1)]).drop("late"), "'late', which is not in the pushed rows"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            world.online.push(phases(), rows)
    with pytest.raises(InvalidInputError, match="whole source"):
        world.online.push(phases(transform=[pl.col("late") * 2]), table([row(1, -1)]))
    with pytest.raises(InvalidInputError, match="both, online or offline"):
        world.online.push(phases(), table([row(1, -1)]), to="all")  # type: ignore[arg-type]
    assert world.datasets.get("phases").record.version == 1
    assert world.values(phases(), 1) == [None]


def test_keys_and_values_of_another_type_are_refused(world: World) -> None:
    """Under a key of another type, nobody would find what was pushed."""
    world.write([row(1, -3)])
    world.online.materialize(phases())
    for column, said in (("site", "Expected keys of the type Int64"), ("late", "rows do not fit 'history'")):
        wrong = table([row(1, -1)]).with_columns(pl.lit("x").alias(column))
        with pytest.raises(InvalidInputError, match=said):
            world.online.push(phases(), wrong)
    assert world.datasets.get("phases").record.version == 1


def test_event_that_is_materialized_before_its_push_ends_is_counted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process brings the view online just when the dataset has the pushed event."""
    view = visits(None)
    world.write([row(1, -0.1)])
    world.online.materialize(view)
    push = importlib.import_module("millwright.data.features.online.push")
    put = push._put

    def materialize_first(*args: Any) -> None:
        with contextlib.suppress(ConflictError):
            world.online.materialize(view, wait_s=0)
        put(*args)

    monkeypatch.setattr(push, "_put", materialize_first)
    world.online.push(view, table([row(1, -0.2)]))
    world.online.materialize(view)
    assert world.online.read([view], [{"site": 1}]).columns["n"] == [2]


def test_what_stands_for_a_value_does_not_depend_on_the_tables_types(world: World) -> None:
    """Of categories, the numbers differ from table to table; of moments, the unit."""
    windows = [
        Window("who", "who", WindowKind.DISTINCT, over=timedelta(days=1)),
        Window("days", "seen", WindowKind.DISTINCT, over=timedelta(days=1)),
    ]
    view = StreamFeatureView("seen", entities=phases().entities, source="phases", timestamp="at", windows=windows)
    rows = table([row(1, -1), row(1, -2)]).with_columns(seen=pl.col("at"), who=pl.Series(["a", "b"]))
    for part in (rows, rows.with_columns(seen=pl.col("at").dt.cast_time_unit("ns")).reverse()):
        for number in range(2):
            one = part[number : number + 1].with_columns(pl.col("who").cast(pl.Enum(part["who"])))
            world.online.push(view, one, to="online")
    found = world.online.read([view], [{"site": 1}])
    assert (found.columns["who"], found.columns["days"]) == ([2], [2])


@pytest.mark.parametrize("event_id", [None, "who"])
def test_events_pushed_by_threads_are_all_counted(world: World, event_id: str | None) -> None:
    view = visits(event_id)

    def push(number: int) -> None:
        for each in range(5):
            event = row(1, -(number + each / 10) / 10)
            event["who"] = f"{number}-{each}"
            world.online.push(view, table([event]), to="online")

    in_threads(push, count=4)
    found = world.online.read([view], [{"site": 1}], now=world.clock.now())
    assert found.columns["n"] == [20]


def test_events_pushed_twice_with_an_id_are_counted_once_and_agree_with_the_dataset(world: World) -> None:
    view = visits("who")
    events = table([row(1, -2), row(1, -1), row(2, -30)])
    world.online.push(view, events)
    world.online.push(view, table([row(1, -1), row(1, -4)]))
    world.online.materialize(view)
    report = world.online.check(view, sample=None)
    assert report.is_consistent, report
    assert world.online.read([view], {"site": [1, 2]}, now=world.clock.now()).columns["n"] == [3, 0]


def test_push_that_a_rebuild_may_undo_is_refused_when_the_wait_is_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write([row(1, -3)])
    world.online.materialize(phases())
    push = importlib.import_module("millwright.data.features.online.push")
    monkeypatch.setattr(push, "_WAIT_S", 0)
    place, store = place_of(phases()), world.online.store
    state = read_state(store, place)
    assert state is not None
    pending = PendingPass(source="phases@1", since_us=None, behind=0, until_us=0, rebuild=True)
    with view_lock(world.stores.leases, place, clock=world.clock, wait_s=0):
        write_state(store, place, msgspec.structs.replace(state, pending=pending, rebuild="one"))
        with pytest.raises(ConflictError, match="'history' is being computed anew"):
            world.online.push(phases(), table([row(1, -1)]), to="online")
        assert world.online.push(phases(), table([row(1, -1)]), to="both").source == "phases@2"
    world.online.push(phases(), table([row(1, -1)]), to="online")


def test_first_push_waits_until_another_process_has_noted_the_keys_types(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = importlib.import_module("millwright.data.features.online.push")
    monkeypatch.setattr(push, "_WAIT_S", 0)
    with (
        view_lock(world.stores.leases, place_of(phases()), clock=world.clock, wait_s=0),
        pytest.raises(ConflictError, match="'history' is being brought online"),
    ):
        world.online.push(phases(), table([row(1, -1)]), to="online")
    world.online.push(phases(), table([row(1, -1)]), to="online")
    state = read_state(world.online.store, place_of(phases()))
    assert state is not None
    assert state.key_types == ("Int64",)
