from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.testing import datasets, process, runs
from millwright.testing.opener import StoreOpener
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def opener(tmp_path: Path) -> StoreOpener:
    return StoreOpener(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=str(tmp_path), predictions_url=str(tmp_path)
    )


def test_in_threads_works_in_several_at_once() -> None:
    barrier = threading.Barrier(4, timeout=10)

    def work(number: int) -> int:
        barrier.wait()
        return number

    assert in_threads(work, count=4) == [0, 1, 2, 3]


def test_in_processes_gives_what_each_call_returned(opener: StoreOpener) -> None:
    numbers = in_processes(replace(opener, family="datasets"), datasets._create_ten)
    assert [len(given) for given in numbers] == [10, 10]


def test_in_processes_raises_what_a_call_raised(opener: StoreOpener) -> None:
    with pytest.raises(AttributeError):
        in_processes(replace(opener, family="runs"), datasets._create_ten)


def test_in_killed_process_kills_once_something_was_acknowledged(
    opener: StoreOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[Any] = []
    kill = os.kill

    def watched(pid: int, number: int) -> None:
        killed.append(number)
        kill(pid, number)

    monkeypatch.setattr(process.os, "kill", watched)
    assert len(in_killed_process(opener, runs._create_and_tell)) == 32
    assert killed == [signal.SIGKILL]
