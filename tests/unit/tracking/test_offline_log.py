from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError, IntegrityError
from millwright.core.ids import RunId
from millwright.tracking.change import TagsSet
from millwright.tracking.offline_log import OfflineLog, OfflineSink, log_path, read_log

if TYPE_CHECKING:
    from pathlib import Path

CHANGES = [TagsSet(tags={"n": str(number)}) for number in range(5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "offline" / "run.jsonl"
    log = OfflineLog(path)
    OfflineSink(log).write(CHANGES)
    log.close()
    return path


def test_changes_come_back_in_order_with_their_positions(path: Path) -> None:
    found = list(read_log(path))
    assert [change for change, _ in found] == CHANGES
    assert found[-1][1] == path.stat().st_size
    assert [change for change, _ in read_log(path, found[2][1])] == CHANGES[3:]


def test_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(read_log(tmp_path / "none.jsonl")) == []


@pytest.mark.parametrize("cut", [1, 2, 10, 30])
def test_line_cut_off_at_the_end_is_passed_over_and_removed_on_writing(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:-cut])
    assert [change for change, _ in read_log(path)] == CHANGES[:4]
    log = OfflineLog(path)
    log.append(CHANGES[4:])
    log.close()
    assert [change for change, _ in read_log(path)] == CHANGES


def test_damage_before_the_end_is_an_error_after_what_stands_before_it(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"n":"2"', b'"n":"9"'))
    found = []
    with pytest.raises(IntegrityError, match=r"is damaged"):
        found.extend(change for change, _ in read_log(path))
    assert len(list(zip(range(2), read_log(path), strict=False))) == 2


def test_log_that_is_written_cannot_be_opened_again(path: Path) -> None:
    log = OfflineLog(path)
    with pytest.raises(ConflictError, match="still being written"):
        OfflineLog(path)
    log.close()
    log.close()
    OfflineLog(path).remove()
    assert not path.exists()


def test_run_whose_log_is_held_gets_one_of_its_own(tmp_path: Path) -> None:
    run = RunId("a" * 32)
    first = OfflineLog(log_path(tmp_path, run))
    assert first.path.name == f"{run}.jsonl"
    assert log_path(tmp_path, run) != first.path
    first.close()
    assert log_path(tmp_path, run) == first.path
