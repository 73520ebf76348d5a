from __future__ import annotations

import pytest

from millwright.core.errors import IntegrityError, StorageError
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.watcher import SelectorWatcher


class World:
    """A registry whose alias is moved by hand, and a loader that fails for some versions."""

    def __init__(self, make_served) -> None:
        self.versions = {number: make_served(number) for number in (1, 2, 3)}
        self.alias = 1
        self.away = False
        self.broken: dict[int, Exception] = {}
        self.loaded: list[int] = []
        self.changes = 0
        self.slot = ModelSlot("site", self.versions[1])
        self.stats = self.slot.swaps
        self.watcher = SelectorWatcher(self.slot, "delay@champion", resolver=self, load=self.load, changed=self.change)

    def resolve(self, selector):
        assert selector == "delay@champion"
        if self.away:
            raise StorageError("The store is away.")
        return self.versions[self.alias].record

    def load(self, record):
        self.loaded.append(record.version)
        if record.version in self.broken:
            raise self.broken[record.version]
        return self.versions[record.version]

    def change(self) -> None:
        self.changes += 1


@pytest.fixture
def world(make_served) -> World:
    return World(make_served)


def test_nothing_happens_while_the_alias_stays(world):
    assert not world.watcher.look()
    assert (world.loaded, world.changes) == ([], 0)


def test_version_takes_over_when_the_alias_moves(world):
    world.alias = 2
    assert world.watcher.look()
    assert (world.slot.current.version, world.stats.swapped, world.changes) == (2, 1, 1)
    assert not world.watcher.look()


def test_version_that_fails_its_self_test_is_refused_and_the_old_one_stays(world, caplog):
    world.alias, world.broken = 2, {2: IntegrityError("It answers otherwise.")}
    assert not world.watcher.look()
    assert world.slot.current.version == 1
    assert (world.stats.refused, world.stats.refused_ref, world.changes) == (1, "delay@2", 1)
    assert "It answers otherwise." in world.stats.refused_reason
    assert "delay@2 is refused, delay@1 goes on" in caplog.text


def test_refused_version_is_not_tried_at_each_look(world):
    world.alias, world.broken = 2, {2: IntegrityError("No.")}
    for _ in range(5):
        world.watcher.look()
    assert world.loaded == [2]


def test_refused_version_is_tried_again_after_a_while(world, monkeypatch):
    world.alias, world.broken = 2, {2: StorageError("The store is away.")}
    world.watcher.look()
    world.broken = {}
    monkeypatch.setattr("millwright.deployment.realtime.watcher.monotonic", lambda: 1e12)
    assert world.watcher.look()
    assert world.stats.refused_ref == ""


def test_next_version_takes_over_after_a_refused_one(world):
    world.alias, world.broken = 2, {2: IntegrityError("No.")}
    world.watcher.look()
    world.alias = 3
    assert world.watcher.look()
    assert (world.slot.current.version, world.stats.refused_ref) == (3, "")


def test_refusal_is_forgotten_when_the_alias_moves_back(world):
    world.alias, world.broken = 2, {2: IntegrityError("No.")}
    world.watcher.look()
    world.alias = 1
    assert not world.watcher.look()
    assert (world.stats.refused_ref, world.changes) == ("", 2)


def test_registry_that_is_away_stops_nothing_and_is_told_once(world, caplog):
    world.away = True
    for _ in range(3):
        assert not world.watcher.look()
    assert world.stats.unreachable == 3
    assert caplog.text.count("cannot be looked up") == 1
    world.away, world.alias = False, 2
    assert world.watcher.look()


def test_another_may_let_the_version_take_over(world):
    taken = []
    watcher = SelectorWatcher(
        world.slot,
        "delay@champion",
        resolver=world,
        load=world.load,
        changed=world.change,
        take_over=taken.append,
    )
    world.alias = 2
    assert watcher.look()
    assert (taken, world.slot.current.version, world.stats.swapped) == ([world.versions[2]], 1, 1)
