from __future__ import annotations

import os
import threading

import pytest

from millwright.pipelines.runner.observation.pulse import Pulse, resident_bytes


class Seen:
    def __init__(self) -> None:
        self.memory: list[int] = []
        self.twice = threading.Event()

    def beat(self, memory_bytes: int) -> None:
        self.memory.append(memory_bytes)
        if len(self.memory) > 1:
            self.twice.set()


def test_what_joined_is_called_again_and_again() -> None:
    pulse, seen = Pulse(), Seen()
    pulse.join(seen)
    assert seen.twice.wait(30)
    pulse.leave(seen)
    assert all(memory > 1 << 20 for memory in seen.memory)


def test_several_share_one_thread() -> None:
    pulse = Pulse()
    pulse.join(first := Seen())
    before = threading.active_count()
    pulse.join(second := Seen())
    assert threading.active_count() == before
    assert first.twice.wait(30)
    assert second.twice.wait(30)
    pulse.leave(first)
    pulse.leave(second)


def test_pulse_that_has_rested_wakes_again() -> None:
    pulse = Pulse()
    pulse.join(first := Seen())
    assert first.twice.wait(30)
    pulse.leave(first)
    rested = threading.Event()
    while pulse._wake.is_set():
        rested.wait(0.05)
    pulse.join(second := Seen())
    assert second.twice.wait(30)
    pulse.leave(second)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_child_has_a_pulse_of_its_own() -> None:
    pulse = Pulse()
    pulse.join(Seen())
    child = os.fork()
    if child == 0:
        seen = Seen()
        pulse.join(seen)
        os._exit(0 if seen.twice.wait(30) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_resident_memory_is_that_of_this_process() -> None:
    before = resident_bytes()
    block = bytearray(b"x") * 50_000_000
    assert resident_bytes() - before > 40_000_000
    del block
