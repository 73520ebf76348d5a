from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.automation.online.snapshot import Snapshot, load
from millwright.core.errors import NotFoundError
from millwright.models.package import unpack

if TYPE_CHECKING:
    from automation.online.conftest import World


def test_model_learns_from_labels_as_they_arrive_and_a_snapshot_becomes_a_version(world: World):
    learner = world.learner()
    world.happen(60)
    first = learner.step()
    world.happen(90)
    second = learner.step()

    assert first is not None
    assert second is not None
    assert (first.met, first.learnt, first.version) == (60, 60, "site@1")
    assert (second.met, second.learnt, second.version, world.version()) == (90, 0, "site@2", 2)
    assert second.value is not None
    assert second.value > 0.85
    version = world.project.registry.resolve("site@online")
    answers = unpack(world.project.stores.artifacts.get(version.package)).predict(
        pl.DataFrame({"rain": [0.5, 9.5], "crew": [5.0, 5.0]})
    )
    assert answers["prediction"].to_list() == [False, True]


def test_old_labels_are_kept_after_a_while_even_when_there_are_few(world: World):
    learner = world.learner(snapshot_after=timedelta(minutes=30))
    world.happen(20)
    learner.step()
    world.project.clock.advance(timedelta(minutes=31))

    learner.step()

    assert world.version() == 2


def test_what_no_snapshot_holds_is_learnt_again_by_the_next_process_with_the_same_result(world: World):
    interrupted = world.learner()
    world.happen(130)
    interrupted.step()
    world.happen(40)
    interrupted.step()  # forty labels are in its memory only

    world.learner(snapshot_labels=40).step()

    straight = world.learner(name="straight", alias="straight", snapshot_labels=10_000)
    world.project.registry.point("site", 1, "straight", reason="begin")
    straight.step()
    assert straight._pupil is not None
    kept = load(world.project.registry.resolve("site@online"), world.project.stores.artifacts)
    rows = pl.DataFrame({"rain": [0.5, 4.9, 5.1, 9.5], "crew": [5.0, 3.0, 8.0, 2.0]})
    assert kept.predict(rows).equals(straight._pupil.model.predict(rows))


def test_no_label_is_learnt_twice_and_none_before_it_is_settled(world: World):
    learner = world.learner()
    world.happen(30)
    world.project.clock.advance(timedelta(seconds=-12))  # the last labels are younger than five seconds now

    early, late = learner.step(), None
    world.project.clock.advance(timedelta(seconds=12))
    late = learner.step()

    assert early is not None
    assert late is not None
    assert 0 < early.met < 30
    assert early.met + late.met == 30


def test_harm_is_undone_and_learning_held_until_the_labels_are_sound_again(world: World):
    learner = world.learner(limit=0.7)
    world.happen(200)
    learner.step()
    good = world.version()

    world.happen(60, turned=True)
    held = learner.step()
    assert held is not None
    assert held.is_held
    assert "back to site@" in held.reason
    assert world.version() == good

    world.happen(100, turned=True)
    still = learner.step()
    assert still is not None
    assert (still.is_held, still.learnt) == (True, 0)

    world.happen(150)
    sound = learner.step()
    assert sound is not None
    assert not sound.is_held
    assert world.version() > good
    assert [event.type for event in world.project.heard if event.type.startswith("online.")] == [
        "online.rolled_back",
        "online.resumed",
    ]


def test_guard_watches_where_each_step_is_another_process_that_meets_few_labels(world: World):
    """As with `mw learning step` in a timetable: no process sees as many labels as the window is wide."""
    declared = {"limit": 0.7, "snapshot_labels": 10, "window": 50}
    world.happen(200)
    world.learner(**declared).step()
    held = []
    for _ in range(6):
        world.happen(10, turned=True)
        status = world.learner(**declared).step()
        held.append(status is not None and status.is_held)
    assert held[-1]
    assert not held[0]

    for _ in range(10):  # answers of before the roll-back do not count for what answers since
        world.happen(10)
        status = world.learner(**declared).step()
    assert status is not None
    assert not status.is_held


def test_looking_learns_keeps_and_decides_nothing(world: World):
    learner = world.learner(limit=0.7, snapshot_labels=150)
    world.happen(120)
    first = learner.look()
    assert (first.version, first.met, first.learnt, first.window) == ("site@1", 120, 120, 50)
    assert learner.look() == first
    stepped = learner.step()
    assert stepped is not None
    assert (stepped.met, stepped.learnt, stepped.value) == (120, 120, first.value)
    world.happen(100, turned=True)

    seen = learner.look()

    assert (seen.version, seen.is_held) == ("site@1", False)
    assert seen.value is not None
    assert seen.value < 0.7
    assert world.version() == 1
    assert not [event for event in world.project.heard if event.type.startswith("online.")]


def test_snapshots_are_told_newest_first_back_to_what_it_began_with(world: World):
    learner = world.learner()
    for _ in range(2):
        world.happen(110)
        learner.step()
    told = [(version.ref, snapshot.learnt, snapshot.value) for version, snapshot in learner.snapshots()]
    assert [(ref, learnt) for ref, learnt, _ in told] == [("site@3", 110), ("site@2", 110), ("site@1", 0)]
    assert told[0][2] == world.project.registry.resolve("site@3").metrics["prequential_accuracy"]


def test_snapshots_made_of_harmful_labels_are_left_behind(world: World):
    learner = world.learner(limit=0.7, snapshot_labels=20)
    world.happen(200)
    learner.step()
    before = world.project.registry.resolve("site@online")

    for _ in range(6):  # snapshots are made while the metric has yet to fall
        world.happen(10, turned=True)
        status = learner.step()
        if status is not None and status.is_held:
            break

    present = Snapshot.of(world.project.registry.resolve("site@online"), world.project.stores.artifacts)
    assert world.learner().step() is not None
    assert present.position <= Snapshot.of(before, world.project.stores.artifacts).position


def test_held_learner_stays_held_in_another_process_and_does_not_meet_the_harm_again(world: World):
    learner = world.learner(limit=0.7)
    world.happen(200)
    learner.step()
    world.happen(60, turned=True)
    learner.step()

    other = world.learner(limit=0.7).step()

    assert other is not None
    assert (other.is_held, other.learnt) == (True, 0)


def test_model_that_does_adapt_recovers_from_another_concept(world: World):
    learner = world.learner()
    world.happen(300)
    learner.step()
    world.happen(50, turned=True)
    fallen = learner.step()
    world.happen(1_500, turned=True)
    recovered = learner.step()

    assert fallen is not None
    assert recovered is not None
    assert fallen.value is not None
    assert recovered.value is not None
    assert fallen.value < 0.5
    assert recovered.value > 0.8


def test_labels_that_are_no_class_of_the_model_are_passed_over(world: World):
    world.happen(5)
    rows = world.project.stores.predictions.label_table("site")
    from millwright.core.records.prediction import LabelRecord

    now = world.project.clock.now()
    wrong = LabelRecord(prediction_id=rows["prediction_id"][0], value="maybe", observed_at=now, recorded_at=now)
    world.project.stores.predictions.append_labels("site", [wrong])
    world.project.clock.advance(timedelta(seconds=10))

    status = world.learner().step()

    assert status is not None
    assert (status.met, status.learnt) == (5, 4)


def test_two_processes_do_not_learn_at_once(world: World):
    learner, stores, now = world.learner(), world.project.stores, world.project.clock.now()
    assert stores.leases.acquire("online:site", "somebody", now=now, until=now + timedelta(minutes=1))

    assert learner.step() is None


def test_declared_model_without_a_version_is_told(world: World):
    with pytest.raises(NotFoundError, match="Online learning 'site' has no model to begin with"):
        world.learner(alias="other").step()


def test_what_another_process_held_is_forgotten_here_too(world: World):
    first, second = world.learner(limit=0.7), world.learner(limit=0.7)
    world.happen(200)
    first.step()
    world.happen(20)
    second.step()  # learns what no snapshot holds
    world.happen(60, turned=True)
    first.step()  # holds; the alias stays where it is
    held = second.step()
    assert held is not None
    assert (held.is_held, held.learnt) == (True, 0)
    world.happen(150)

    resumed = second.step()

    assert resumed is not None
    assert not resumed.is_held
    answers = load(world.project.registry.resolve("site@online"), world.project.stores.artifacts).predict(
        pl.DataFrame({"rain": [0.5, 9.5], "crew": [5.0, 5.0]})
    )
    assert answers["prediction"].to_list() == [False, True]
