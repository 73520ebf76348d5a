from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.automation.online.stream import LabelStream, Position
from millwright.core.errors import IntegrityError
from millwright.models.signature import Signature
from millwright.models.task import Task

if TYPE_CHECKING:
    from pathlib import Path

    from automation.online.conftest import World

SIGNATURE = Signature.infer(pl.DataFrame({"rain": [1.0], "crew": [3]}), pl.Series("late", [False, True]), Task.BINARY)


def test_labels_come_in_the_order_in_which_they_were_recorded_each_once(world: World):
    begun = Position(world.project.clock.now())
    world.happen(7)
    stream = LabelStream(world.project.stores.predictions, "site")

    first, position = stream.after(begun, world.project.clock.now(), SIGNATURE)
    again, same = stream.after(position, world.project.clock.now(), SIGNATURE)
    world.happen(3)
    more, _ = stream.after(position, world.project.clock.now(), SIGNATURE)

    assert [lesson.position for lesson in first] == sorted(lesson.position for lesson in first)
    assert (len(first), again, same, len(more)) == (7, [], position, 3)
    assert isinstance(first[0].row["crew"], int)
    assert set(first[0].row) == {"rain", "crew"}


def test_position_survives_being_written(world: World):
    position = Position(world.project.clock.now() + timedelta(microseconds=3), "abc")

    assert Position.from_json(position.to_json()) == position


def damage(path: Path) -> None:
    path.write_bytes(b"no segment any more")


def test_segments_of_labels_that_were_learnt_are_not_read_again(world: World, tmp_path: Path):
    store, clock = world.project.stores.predictions, world.project.clock
    begun = Position(clock.now())
    stream = LabelStream(store, "site")
    world.happen(4)
    world.happen(2)
    _, position = stream.after(begun, clock.now(), SIGNATURE)
    damage(tmp_path / "predictions" / "site" / "labels" / store.label_segments("site")[0])
    world.happen(3)

    more, _ = stream.after(position, clock.now(), SIGNATURE)

    assert len(more) == 3
    with pytest.raises(IntegrityError):  # from before it, all is read
        stream.after(begun, clock.now(), SIGNATURE)


def test_position_that_goes_back_meets_the_same_labels_again(world: World):
    clock = world.project.clock
    begun = Position(clock.now())
    stream = LabelStream(world.project.stores.predictions, "site")
    lessons = []
    for _ in range(3):
        world.happen(3)
        found, position = stream.after(begun, clock.now(), SIGNATURE)
        lessons.append(found)
    assert [len(each) for each in lessons] == [3, 6, 9]
    assert lessons[2][:6] == lessons[1]
    assert stream.after(position, clock.now(), SIGNATURE) == ([], position)


def test_label_that_is_corrected_in_a_later_segment_is_met_once_with_its_latest_value(world: World):
    store, clock = world.project.stores.predictions, world.project.clock
    begun = Position(clock.now())
    world.happen(3)
    first = next(iter(store.iter_labels("site")))
    corrected = replace(first, value=not first.value, recorded_at=clock.now())
    store.append_labels("site", [corrected])

    lessons, position = LabelStream(store, "site").after(begun, clock.now(), SIGNATURE)

    assert [lesson.position.prediction_id for lesson in lessons].count(first.prediction_id) == 1
    assert (lessons[-1].position.prediction_id, lessons[-1].value) == (
        first.prediction_id,
        "true" if corrected.value else "false",
    )
    assert position == Position(corrected.recorded_at, first.prediction_id)


def test_of_the_log_only_those_segments_are_read_that_hold_a_labelled_prediction(world: World, tmp_path: Path):
    store, clock = world.project.stores.predictions, world.project.clock
    world.happen(2)
    clock.advance(timedelta(hours=5))
    world.happen(2)
    clock.advance(timedelta(hours=5))
    world.happen(2)
    segments = sorted((tmp_path / "predictions" / "site").glob("date=*/hour=*/*.parquet"))
    assert len(segments) == 3
    damage(segments[1])
    labels = list(store.iter_labels("site"))
    begun = Position(clock.now())
    clock.advance(timedelta(seconds=1))
    store.append_labels("site", [replace(each, recorded_at=clock.now()) for each in (labels[0], labels[-1])])

    lessons, _ = LabelStream(store, "site").after(begun, clock.now(), SIGNATURE)

    assert {each.position.prediction_id for each in lessons} == {labels[0].prediction_id, labels[-1].prediction_id}
