from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError, StorageError
from millwright.tracking.change import ParamsLogged, TagsSet
from millwright.tracking.offline_log import OfflineLog
from millwright.tracking.sink import ForgivingSink, replay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from millwright.tracking.change import Change


class Memory:
    """A sink that takes everything but parameters."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.down = False

    def write(self, changes: Sequence[Change]) -> None:
        if self.down:
            raise StorageError("down")
        if any(isinstance(change, ParamsLogged) for change in changes):
            raise ConflictError("no parameters")
        self.changes += changes


TAGS = [TagsSet(tags={"n": str(number)}) for number in range(3)]


def test_refused_change_does_not_keep_back_the_others() -> None:
    memory = Memory()
    sink = ForgivingSink(memory)
    sink.write([TAGS[0], ParamsLogged(params={}), TAGS[1]])
    assert memory.changes == TAGS[:2]
    assert [str(error) for error in sink.refused] == ["no parameters"]


def test_sink_that_is_down_is_an_error() -> None:
    memory = Memory()
    memory.down = True
    with pytest.raises(StorageError):
        ForgivingSink(memory).write(TAGS)


def test_replay_goes_on_where_it_stopped(tmp_path: Path) -> None:
    log, memory = OfflineLog(tmp_path / "a.jsonl"), Memory()
    log.append(TAGS[:2])
    advanced: list[int] = []
    end = replay(log.path, memory, advance=advanced.append)
    assert memory.changes == TAGS[:2]
    assert sum(advanced) == end == log.size_bytes
    log.append(TAGS[2:])
    replay(log.path, memory, start=end)
    assert memory.changes == TAGS
    log.close()
