"""A follower and its watcher, looked through turn by turn; over sockets see `test_joining`."""

from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import MissingExtraError, StorageError
from millwright.core.records.model import ModelVersionState
from millwright.core.records.rollout import RolloutState
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.traffic.joining import join_rollouts
from millwright.deployment.realtime.watcher import SelectorWatcher
from millwright.deployment.traffic.strategy import Canary, Shadow, Split


class Turn:
    """A slot with its follower and watcher."""

    def __init__(self, world) -> None:
        self.world = world
        self.loaded: list[int] = []
        self.failing: Exception | None = None
        registry = world.workspace.registry
        self.slot = ModelSlot("delay", load_served(registry.resolve("delay@champion"), world.stores.artifacts))
        self.follower = join_rollouts(
            self.slot, self.load, stores=world.stores, registry=registry, clock=world.clock, log=None
        )
        self.watcher = SelectorWatcher(
            self.slot,
            "delay@champion",
            resolver=registry,
            load=self.follower.load,
            changed=lambda: None,
            take_over=self.follower.take_over,
        )

    def load(self, record):
        if self.failing is not None:
            raise self.failing
        self.loaded.append(record.version)
        return load_served(record, self.world.stores.artifacts)

    def look(self) -> None:
        self.follower.look(self.watcher)

    @property
    def versions(self) -> list[int]:
        return [arm.served.version for arm in self.slot.lineup.arms]


@pytest.fixture
def turn(world) -> Turn:
    return Turn(world)


def test_without_a_rollout_nothing_is_divided(turn):
    before = turn.slot.lineup
    turn.look()
    assert turn.slot.lineup is before
    assert before.chooser is None


def test_arms_are_there_from_the_beginning(turn):
    turn.world.start(Split([50, 50]), 2)
    turn.follower.begin()
    assert turn.versions == [1, 2]
    lineup = turn.slot.lineup
    turn.look()
    assert turn.slot.lineup is lineup


def test_weights_change_without_loading_again(turn):
    record = turn.world.start(Split([50, 50]), 2)
    turn.look()
    lineup = turn.slot.lineup
    turn.world.control.weigh(record, [10, 90], reason="more")
    turn.look()
    assert turn.slot.lineup is not lineup
    assert turn.loaded == [2]


def test_promoted_arm_is_not_loaded_again(turn):
    record = turn.world.start(Canary(), 3)
    turn.look()
    assert turn.versions == [1, 3]
    turn.world.control.promote(record, reason="good enough")
    turn.look()
    assert (turn.versions, turn.slot.lineup.chooser, turn.loaded) == ([3], None, [3])
    assert turn.slot.swaps.swapped == 1


def test_ended_rollout_leaves_the_primary_alone(turn):
    record = turn.world.start(Split([50, 50]), 2)
    turn.look()
    turn.world.control.roll_back(record, reason="enough")
    turn.look()
    assert (turn.versions, turn.slot.lineup.mirror) == ([1], None)


def test_store_of_packages_that_is_away_takes_no_rollout_back(turn, caplog):
    record = turn.world.start(Canary(), 3)
    turn.failing = StorageError("The artifacts are away.")
    for _ in range(3):
        turn.look()
    assert turn.versions == [1]
    assert turn.world.now(record).state is RolloutState.RUNNING
    turn.failing = None
    turn.look()
    assert turn.versions == [1, 3]
    assert "cannot be loaded yet" in caplog.text


def test_rollouts_that_cannot_be_looked_up_stop_nothing(turn, monkeypatch, caplog):
    turn.world.start(Split([50, 50]), 2)
    turn.look()

    def away(endpoint: str) -> None:
        raise StorageError("The store is away.")

    monkeypatch.setattr(turn.world.stores.rollouts, "find_open", away)
    for _ in range(3):
        turn.look()
    assert turn.versions == [1, 2]
    assert caplog.text.count("cannot be looked up") == 1


def test_version_that_asks_for_more_than_the_primary_is_taken_back(turn, monkeypatch):
    from millwright.deployment.realtime.traffic import follower

    def needs_more(primary: Any, other: Any) -> None:
        follower_check(stripped(primary), other)

    follower_check = follower._check_inputs
    monkeypatch.setattr(follower, "_check_inputs", needs_more)
    record = turn.world.start(Canary(), 3)
    turn.look()
    assert turn.versions == [1]
    ended = turn.world.now(record)
    assert ended.state is RolloutState.ROLLED_BACK
    assert "that it needs" in ended.decision.reason
    assert turn.world.stores.models.get_version("delay", 3).state is ModelVersionState.CANDIDATE


def test_version_that_this_server_cannot_load_is_taken_back_but_not_rejected(turn):
    turn.failing = MissingExtraError("torch", "torch")
    record = turn.world.start(Canary(), 3)
    turn.look()
    assert turn.versions == [1]
    assert turn.world.now(record).state is RolloutState.ROLLED_BACK
    assert turn.world.stores.models.get_version("delay", 3).state is ModelVersionState.CANDIDATE


def stripped(served):
    """A version that asks for nothing."""
    from dataclasses import replace
    from types import SimpleNamespace

    return SimpleNamespace(ref=served.ref, signature=replace(served.signature, inputs=()))


def test_shadow_answers_nobody(turn):
    turn.world.start(Shadow(), 2)
    turn.look()
    assert (turn.versions, turn.slot.lineup.chooser) == ([1], None)
    assert turn.slot.lineup.mirror is not None
    turn.follower.close()


def test_right_to_decide_is_given_back_at_the_end(turn):
    record = turn.world.start(Canary(), 3)
    turn.look()
    held = f"rollout:{record.id}"
    assert turn.world.stores.leases.holder(held, now=turn.world.clock.now()) is not None
    turn.follower.close()
    assert turn.world.stores.leases.holder(held, now=turn.world.clock.now()) is None


def test_alias_that_moves_replaces_the_primary_within_the_line_up(turn):
    record = turn.world.start(Split([50, 50]), 3)
    turn.look()
    turn.world.workspace.registry.promote("delay", 2, reason="a quick repair")
    turn.look()
    assert turn.slot.current.version == 2
    turn.look()
    assert turn.versions == [2]
    assert turn.world.now(record).state is RolloutState.ENDED
