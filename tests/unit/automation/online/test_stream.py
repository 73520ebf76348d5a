from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from millwright.automation.online.stream import LabelStream, Position
from millwright.models.signature import Signature
from millwright.models.task import Task

if TYPE_CHECKING:
    from automation.online.conftest import World

SIGNATURE = Signature.infer(pl.DataFrame({"rain": [1.0], "crew": [3]}), pl.Series("late", [False, True]), Task.BINARY)


def test_labels_come_in_the_order_in_which_they_were_recorded_each_once(world: World):
    begun = Position(world.project.clock.now())
    world.happen(7)
    stream = LabelStream(world.project.stores.predictions, "site", SIGNATURE)

    first, position = stream.after(begun, world.project.clock.now())
    again, same = stream.after(position, world.project.clock.now())
    world.happen(3)
    more, _ = stream.after(position, world.project.clock.now())

    assert [lesson.position for lesson in first] == sorted(lesson.position for lesson in first)
    assert (len(first), again, same, len(more)) == (7, [], position, 3)
    assert isinstance(first[0].row["crew"], int)
    assert set(first[0].row) == {"rain", "crew"}


def test_position_survives_being_written(world: World):
    position = Position(world.project.clock.now() + timedelta(microseconds=3), "abc")

    assert Position.from_json(position.to_json()) == position
