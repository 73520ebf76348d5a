"""Bringing a view's newest values online."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.records.feature import MaterializationState
from millwright.data.engines.engine import EngineOptions
from millwright.data.features.online import materialization
from millwright.data.features.online.place import place_of, read_state
from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from millwright.data.versions.condition import RowCondition
from millwright.data.versions.erasure import erase
from tiny.online_stream import visits
from tiny.online_world import moment, open_world, phases, row, table

if TYPE_CHECKING:
    from pathlib import Path

    from tiny.online_world import World


def test_newest_value_of_each_key_comes_online(world: World) -> None:
    world.write([row(1, -3), row(2, -5), row(1, -1), row(1, -2), row(None, -1), row(3, 1)])
    (record,) = world.online.materialize(phases())
    assert world.values(phases(), 1, 2, 3) == [-1.0, -5.0, None]
    assert (record.rows, record.entities, record.source, record.since) == (4, 2, "phases@1", None)
    assert record.state is MaterializationState.DONE
    assert world.stores.features.list_materializations("history") == [record]


def test_last_row_of_equal_moments_comes_online(world: World) -> None:
    world.write([row(1, -3, 1.0), row(1, -3, 2.0), row(1, -3, 9.0, created=-4)])
    world.online.materialize(phases())
    assert world.values(phases(), 1) == [2.0]


def test_value_recorded_later_comes_online_only_then(world: World) -> None:
    world.write([row(1, -3), row(1, -1, created=1)])
    world.online.materialize(phases())
    assert world.values(phases(), 1) == [-3.0]
    world.clock.advance(timedelta(hours=1))
    (record,) = world.online.materialize(phases())
    assert (record.rows, record.since) == (1, moment(0))
    assert world.values(phases(), 1) == [-1.0]


def test_second_time_reads_nothing_and_changes_nothing(world: World) -> None:
    world.write([row(1, -3), row(2, -2)])
    world.online.materialize(phases())
    (again,) = world.online.materialize(phases())
    assert (again.rows, again.entities) == (0, 0)
    assert world.values(phases(), 1, 2) == [-3.0, -2.0]


def test_only_appended_rows_are_read_of_a_version_that_appends(world: World) -> None:
    world.write([row(1, -3), row(2, -2)])
    world.online.materialize(phases())
    world.write([row(1, -1), row(3, -9)], mode="append")
    world.write([row(2, -8)], mode="append")
    (record,) = world.online.materialize(phases())
    assert record.rows == 3
    assert world.values(phases(), 1, 2, 3) == [-1.0, -2.0, -9.0]


def test_changed_rows_replace_what_is_online_even_by_older_values(world: World) -> None:
    world.write([row(1, -3), row(1, -1), row(2, -2), row(3, -2)])
    world.online.materialize(phases())
    world.write([row(1, -3, 7.0), row(2, -2, 8.0)])
    (record,) = world.online.materialize(phases())
    assert world.values(phases(), 1, 2, 3) == [7.0, 8.0, None]
    assert record.entities == 2
    assert world.online.store.count(place_of(phases())) == 2


def test_transformed_rows_are_computed_anew_when_rows_were_appended(world: World) -> None:
    view = phases(transform=[pl.col("late").sum().over("site").alias("late")])
    world.write([row(1, -3), row(1, -2)])
    world.online.materialize(view)
    assert world.values(view, 1) == [-5.0]
    world.write([row(1, -9)], mode="append")
    world.online.materialize(view)
    assert world.values(view, 1) == [-14.0]


def test_versions_of_a_view_are_apart(world: World) -> None:
    world.write([row(1, -3)])
    changed = phases(ttl=timedelta(days=1))
    world.online.materialize([phases(), changed])
    world.write([row(1, -1)], mode="append")
    world.online.materialize(changed)
    assert world.values(phases(), 1) == [-3.0]
    assert world.values(changed, 1) == [-1.0]


def test_moment_before_what_is_online_is_refused_unless_rebuilt(world: World) -> None:
    world.write([row(1, -3), row(1, -1)])
    world.online.materialize(phases())
    with pytest.raises(InvalidInputError, match="which is later"):
        world.online.materialize(phases(), until=moment(-2))
    world.online.materialize(phases(), until=moment(-2), rebuild=True)
    assert world.values(phases(), 1) == [-3.0]


def test_moment_that_is_still_to_come_is_refused(world: World) -> None:
    """Else values would be read before they are true, and nothing could be brought until then."""
    world.write([row(1, -3), row(1, 2)])
    with pytest.raises(InvalidInputError, match="a moment that has passed"):
        world.online.materialize(phases(), until=moment(3))
    world.online.materialize(phases())
    assert world.values(phases(), 1) == [-3.0]


def test_machine_whose_clock_is_behind_goes_on_from_where_the_other_was(world: World) -> None:
    world.write([row(1, -3)])
    world.online.materialize(phases())
    world.clock.advance(timedelta(seconds=-2))
    world.write([row(1, -1)], mode="append")
    world.online.materialize(phases())
    assert world.values(phases(), 1) == [-1.0]


def test_another_workspaces_values_are_not_taken_for_own_ones(tmp_path: Path) -> None:
    """Two that use one store have datasets, versions and views of the same names."""
    worlds = []
    for name, late in (("one", -1.0), ("other", 5.0)):
        (tmp_path / name).mkdir()
        worlds.append(open_world(tmp_path / name, online_at=tmp_path / "online"))
        worlds[-1].write([row(1, -1, late)])
    one, other = worlds
    one.online.materialize(phases())
    with pytest.raises(ConflictError, match="online from phases@1 of another workspace"):
        other.online.materialize(phases())
    other.online.materialize(phases(), rebuild=True)
    assert one.values(phases(), 1) == other.values(phases(), 1) == [5.0]
    for world in worlds:
        world.online.store.close()
        world.stores.close()


def forget_site(world: World, folder: Path, site: int) -> None:
    """Take a site's rows out of every version of `phases`."""
    condition = RowCondition(values={"site": str(site)})
    tables = str(folder / "datasets")
    erase(world.stores, tables, "phases", condition, reason="asked for", clock=world.clock, actor="ann")


@pytest.mark.parametrize("view", [phases(), visits("who"), visits(None)], ids=["view", "stream", "without ids"])
def test_erased_entity_is_forgotten_by_the_next_materialization(world: World, tmp_path: Path, view: Any) -> None:
    world.write([row(1, -3), row(2, -2)])
    world.online.materialize(view)
    forget_site(world, tmp_path, 1)
    world.online.materialize(view)
    report = world.online.check(view, sample=None)
    assert (report.entities, report.is_consistent) == (1, True)
    (again,) = world.online.materialize(view)
    assert (again.rows, again.since) == (0, world.clock.now())


@pytest.mark.parametrize("is_online", [True, False], ids=["behind what is online", "before anything is"])
def test_entity_that_was_pushed_and_erased_is_forgotten(world: World, tmp_path: Path, is_online: bool) -> None:
    world.write([row(1, -3)])
    if is_online:
        world.online.materialize(phases())
    world.online.push(phases(), table([row(2, -2)]))
    forget_site(world, tmp_path, 2)
    world.online.materialize(phases())
    assert world.values(phases(), 1, 2) == [-3.0, None]
    assert world.online.describe(phases()).entities == 1


def test_pass_that_died_before_rows_were_erased_is_not_taken_up(world: World, tmp_path: Path) -> None:
    world.write([row(1, -3), row(2, -2)])
    store, write_state = world.online.store, world.online.store.put_state
    states = []
    store.put_state = lambda place, state: (states.append(state), write_state(place, state))[1]  # type: ignore[method-assign]
    world.online.materialize(phases())
    write_state(place_of(phases()), states[0])  # as if it had been killed before it wrote that it ended
    forget_site(world, tmp_path, 2)
    assert len(world.online.materialize(phases())) == 1
    assert world.values(phases(), 1, 2) == [-3.0, None]


def test_column_that_says_when_rows_were_recorded_counts_from_when_it_is_there(world: World) -> None:
    """Rows without are never an answer then, offline and online."""
    world.write(table([row(1, -2), row(2, -2)]).drop("created"))
    world.online.materialize(phases())
    assert world.values(phases(), 1, 2) == [-2.0, -2.0]
    world.write([row(1, -1)], mode="append", evolve=True)
    world.online.materialize(phases())
    assert world.values(phases(), 1, 2) == [-1.0, None]
    assert world.online.check(phases()).is_consistent


def test_keys_of_another_type_are_told_and_found(world: World) -> None:
    world.write([row(1, -3)])
    world.online.materialize(phases())
    reader = world.online.reader([phases()])
    assert reader.read([{"site": 1}]).columns["late"] == [-3.0]
    world.write(table([row(1, -2)]).with_columns(site=pl.lit("one")))
    world.online.materialize(phases())
    assert world.values(phases(), "one") == [-2.0]
    assert reader.read([{"site": "one"}]).columns["late"] == [-2.0]
    with pytest.raises(InvalidInputError, match="of the type String"):
        reader.read([{"site": 1}])
    assert world.online.check(phases()).is_consistent


def test_events_without_ids_are_counted_only_when_all_are_counted_anew(world: World) -> None:
    """Those that come again could not be told from others."""
    events = table([row(1, -0.1), row(1, -0.2)]).with_columns(who=pl.lit(None, dtype=pl.String))
    world.write(events)
    view = visits("who")
    with pytest.raises(InvalidInputError, match="2 of the 2 events have no 'who'"):
        world.online.materialize(view)
    with pytest.raises(InvalidInputError, match="2 of the 2 events have no 'who'"):
        world.online.push(view, events)
    world.online.materialize(view, rebuild=True)
    assert world.online.read([view], [{"site": 1}]).columns["n"] == [2]


def test_emptied_online_store_is_filled_again(world: World) -> None:
    world.write([row(1, -3)])
    world.online.materialize(phases())
    world.online.store.drop(place_of(phases()))
    world.online.materialize(phases())
    assert world.values(phases(), 1) == [-3.0]


def test_missing_dataset_is_an_error_that_is_noted(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.online.materialize(phases())
    world.write(pl.DataFrame({"site": [1], "at": [moment(-1)], "late": ["x"], "who": ["y"], "day": [None]}))
    with pytest.raises(InvalidInputError, match="rows of 'history' cannot be computed: conversion"):
        world.online.materialize(phases())
    (record,) = world.stores.features.list_materializations("history")
    assert record.state is MaterializationState.FAILED
    assert "conversion" in record.error


def test_empty_dataset_brings_nothing(world: World) -> None:
    world.write([])
    (record,) = world.online.materialize(phases())
    assert (record.rows, record.entities) == (0, 0)
    assert world.values(phases(), 1) == [None]


def test_view_of_nobody_has_one_value(world: World) -> None:
    view = phases(entities=[])
    world.write([row(1, -3), row(2, -1)])
    world.online.materialize(view)
    assert world.online.read([view], [{}]).columns["late"] == [-1.0]


ROWS = st.lists(
    st.tuples(st.sampled_from([1, 2, 3]), st.integers(-8, 3), st.integers(0, 99), st.none() | st.integers(-8, 3)),
    max_size=12,
)
STEPS = st.lists(st.tuples(st.sampled_from(["append", "overwrite"]), ROWS, st.integers(0, 2)), min_size=1, max_size=4)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(1, 5))
def test_online_is_what_point_in_time_gives_after_any_steps(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, steps: Any, batch: int
) -> None:
    monkeypatch.setattr(materialization, "_BATCH", batch)
    monkeypatch.setattr(materialization, "_MOST_WAITING", 2)
    monkeypatch.setattr(materialization, "_ROWS_A_PART", 5)
    world = open_world(tmp_path_factory.mktemp("world"))
    view = phases(ttl=timedelta(hours=6))
    for mode, rows, later in steps:
        made = [row(site, at, float(late), created=created) for site, at, late, created in rows]
        world.write(made, mode=mode)
        world.clock.advance(timedelta(hours=later))
        world.online.materialize(view)
        report = world.online.check(view, sample=None)
        assert report.is_consistent, report
        assert report.only_online == 0
    world.online.store.close()
    world.stores.close()


@pytest.mark.parametrize("event_id", [None, "who"])
def test_events_of_a_stream_view_are_counted_once_however_often_it_is_brought(
    world: World, event_id: str | None
) -> None:
    view = stream(event_id)
    world.write([row(1, -3), row(1, -1), row(2, -30), row(1, 1)])
    world.online.materialize(view)
    world.online.materialize(view)
    assert counts(world, view, 1, 2, 3) == [2, 0, 0]
    world.write([row(1, -2), row(2, -1)], mode="append")
    world.clock.advance(timedelta(hours=1))
    world.online.materialize(view)
    assert counts(world, view, 1, 2) == [4, 1]
    world.write([row(1, -2)])
    world.online.materialize(view)
    assert counts(world, view, 1, 2) == [1, 0]
    assert world.online.check(view, sample=None).is_consistent


def stream(event_id: str | None) -> StreamFeatureView:
    windows = [Window("n", over=timedelta(days=1)), Window("late", "late", WindowKind.SUM, over=timedelta(hours=2))]
    return StreamFeatureView(
        "visits", entities=phases().entities, source="phases", timestamp="at", windows=windows, event_id=event_id
    )


def counts(world: World, view: StreamFeatureView, *sites: int) -> list[Any]:
    found = world.online.read([view], [{"site": site} for site in sites], now=world.clock.now())
    return found.columns["n"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["view", "stream", "rebuild"])
def test_materialization_that_was_killed_is_taken_up_and_ends_the_same(tmp_path: Path, kind: str) -> None:
    world = open_world(tmp_path)
    rows = [row(number % 50, -1 - (number * 7 % 1000) / 100) for number in range(1000)]
    for each, one in enumerate(rows):
        one["who"] = str(each)
    view = phases() if kind != "stream" else stream("who")
    world.write(rows[:500])
    if kind == "rebuild":
        world.online.materialize(view)
    world.write(rows, mode="overwrite" if kind == "rebuild" else "append") if kind == "rebuild" else world.write(rows)
    world.online.store.close()
    world.stores.close()
    context = get_context("forkserver")
    context.set_forkserver_preload(["millwright.storage.catalog"])
    process = context.Process(target=_materialize_and_die, args=(tmp_path, kind))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    world = open_world(tmp_path)
    state = read_state(world.online.store, place_of(view))
    assert state is not None
    assert state.pending is not None
    passes = world.online.materialize(view)
    assert [each.state for each in passes] == [MaterializationState.DONE] * 2
    assert {each.state for each in world.stores.features.list_materializations(view.name)} == {
        MaterializationState.DONE, MaterializationState.FAILED
    }  # fmt: skip
    report = world.online.check(view, sample=None)
    assert report.compared == 50
    assert report.is_consistent
    world.online.store.close()
    world.stores.close()


def _materialize_and_die(folder: Path, kind: str) -> None:
    materialization._BATCH, materialization._MOST_WAITING, materialization._ROWS_A_PART = 100, 20, 300
    world = open_world(folder)
    store = world.online.store
    name = "swap" if kind == "stream" else "put"
    write, left = getattr(store, name), 3

    def write_and_die(*given_: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        made = write(*given_, **options)
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    setattr(store, name, write_and_die)
    world.online.materialize(phases() if kind != "stream" else stream("who"))


def test_table_that_is_read_in_parts_gives_what_the_whole_gives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write(table([row(number % 7, -1 - number % 11) for number in range(200)]))
    monkeypatch.setattr(materialization, "_ROWS_A_PART", 30)
    (record,) = world.online.materialize(phases(), rebuild=True)
    assert (record.rows, record.entities) == (200, 7)
    assert world.online.check(phases(), sample=None).is_consistent


def test_rows_that_sql_makes_of_a_large_table_wait_on_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = 'SELECT site, "at", created, late * 2 AS late, who, day FROM phases'
    world.write([row(1, -3), row(2, -2), row(1, -1)])
    world.online.engine = EngineOptions(memory_gb=1e-9)
    asked: list[str] = []
    monkeypatch.setattr("millwright.data.engines.transformation.run", lambda *_, **__: asked.append("run"))
    view = phases(transform=sql)
    world.online.materialize(view)
    assert world.values(view, 1, 2) == [-2.0, -4.0]
    assert not asked
