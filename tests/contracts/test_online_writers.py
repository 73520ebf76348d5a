"""Rows that are pushed while another process computes the view anew, on every online store: none is lost."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from millwright.data.features.online.place import place_of, read_state
from tiny.online_stream import visits
from tiny.online_world import open_world, phases, row, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tiny.online_world import World

pytestmark = pytest.mark.slow

PATIENCE_S = 60
VIEWS = {"view": phases(), "stream": visits("who"), "without ids": visits(None)}


@pytest.fixture(params=["lmdb", "redis", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty online store."""
    if request.param == "lmdb":
        return str(tmp_path / "online")
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return f"{request.getfixturevalue('postgres_url')}?prefix=writers_{uuid4().hex[:12]}"


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[World]:
    """Three sites online."""
    opened = open_world(tmp_path, online_at=url)
    opened.write([row(1, -0.9), row(2, -0.8), row(4, -0.7)])
    yield opened
    opened.online.store.close()
    opened.stores.close()


def rebuild_and_wait(folder: Path, url: str, view: str, other: Connection) -> None:
    """Compute a view anew, and wait before what is online is replaced."""
    world = open_world(folder, online_at=url)
    store = world.online.store
    put, waits = store.put, True

    def wait_and_put(*rows: Any, replace: bool = False) -> int:
        nonlocal waits
        if replace and waits:
            waits = False
            other.send("about to replace")
            other.recv()
        return put(*rows, replace=replace)

    store.put = wait_and_put  # type: ignore[method-assign]
    world.online.materialize(VIEWS[view], rebuild=True)
    store.close()
    world.stores.close()


@contextmanager
def rebuilding(folder: Path, url: str, view: str, *, is_killed: bool = False) -> Iterator[Callable[[], None]]:
    """Another process that rebuilds a view and has read its dataset; gives what lets it go on, or what kills it."""
    context = get_context("forkserver")  # forks of a process that has loaded the stores, as for the suites
    context.set_forkserver_preload(["millwright.storage.catalog"])
    here, there = context.Pipe()
    process = context.Process(target=rebuild_and_wait, args=(folder, url, view, there))
    process.start()
    there.close()
    assert here.poll(PATIENCE_S)
    assert here.recv() == "about to replace"

    def kill() -> None:
        process.kill()
        process.join(PATIENCE_S)

    yield kill if is_killed else lambda: here.send("go on")
    process.join(PATIENCE_S)
    assert process.exitcode == (-signal.SIGKILL if is_killed else 0)
    here.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait for what is bound to happen."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def online(world: World, view: str, *sites: int) -> list[Any]:
    """What is online of some sites: how late, or how many events."""
    sites_ = [{"site": site} for site in sites]
    found = world.online.read([VIEWS[view]], sites_, now=world.clock.now())
    return found.columns["late" if view == "view" else "n"]


@pytest.mark.parametrize("to", ["both", "online"])
@pytest.mark.parametrize("view", ["view", "stream"])
def test_row_pushed_during_a_rebuild_is_online_when_both_have_ended(
    world: World, tmp_path: Path, url: str, view: str, to: Any
) -> None:
    world.online.materialize(VIEWS[view])
    with ThreadPoolExecutor() as pool:
        with rebuilding(tmp_path, url, view) as go_on:
            rows = table([row(1, -0.1), row(9, -0.2)])
            pushed = pool.submit(world.online.push, VIEWS[view], rows, to=to)
            until(lambda: online(world, view, 9) == ([-0.2] if view == "view" else [1]))
            go_on()
        assert pushed.result(PATIENCE_S).online == 2
    expected = [-0.1, -0.8, -0.7, -0.2] if view == "view" else [2, 1, 1, 1]
    assert online(world, view, 1, 2, 4, 9) == expected
    if to == "both":
        report = world.online.check(VIEWS[view], sample=None)
        assert (report.entities, report.is_consistent, report.only_online) == (4, True, 0), report
    state = read_state(world.online.store, place_of(VIEWS[view]))
    assert state is not None
    assert state.pending is None


def test_first_row_that_is_pushed_leaves_what_another_process_noted(world: World, tmp_path: Path, url: str) -> None:
    """Nothing was online before, and the rebuild is the first pass."""
    with ThreadPoolExecutor() as pool:
        with rebuilding(tmp_path, url, "view") as go_on:
            pushed = pool.submit(world.online.push, phases(), table([row(9, -0.2)]), to="online")
            until(lambda: online(world, "view", 9) == [-0.2])
            go_on()
        pushed.result(PATIENCE_S)
    assert online(world, "view", 1, 9) == [-0.9, -0.2]
    assert world.online.describe(phases()).source == "phases@1"


def test_push_waits_for_no_rebuild_that_was_killed(world: World, tmp_path: Path, url: str) -> None:
    world.online.materialize(phases())
    with ThreadPoolExecutor() as pool:
        with rebuilding(tmp_path, url, "view", is_killed=True) as kill:
            pushed = pool.submit(world.online.push, phases(), table([row(9, -0.2)]), to="online")
            until(lambda: online(world, "view", 9) == [-0.2])
            kill()
        assert pushed.result(PATIENCE_S).online == 1
    assert online(world, "view", 9) == [-0.2]
    world.online.push(phases(), table([row(9, -0.1)]))
    assert [record.source for record in world.online.materialize(phases())] == ["phases@1", "phases@2"]
    assert online(world, "view", 1, 9) == [-0.9, -0.1]
