from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import psutil
import pytest

from millwright.pipelines.runner.executors.offspring import Offspring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TREE = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""
_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
_POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("polite", flush=True)
time.sleep(600)
"""


@pytest.fixture
def start() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a program and waits for its first line; whatever is left of it at the end is killed."""
    made: list[subprocess.Popen[str]] = []

    def started(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        made.append(process)
        assert process.stdout is not None
        process.first = process.stdout.readline().strip()  # type: ignore[attr-defined]
        return process

    yield started
    for process in made:
        process.kill()
        process.communicate()


def test_children_and_their_children_are_ended(start: Callable[[str], subprocess.Popen[str]]) -> None:
    offspring = Offspring()
    process = start(_TREE)
    grandchild = psutil.Process(int(process.first))  # type: ignore[attr-defined]
    offspring.end()
    assert process.wait(30) == -signal.SIGTERM
    psutil.wait_procs([grandchild], timeout=30)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_child_is_asked_first_and_can_end_in_order(start: Callable[[str], subprocess.Popen[str]]) -> None:
    offspring = Offspring()
    process = start(_POLITE)
    offspring.end(grace_s=30)
    assert process.wait(30) == 7


def test_child_that_does_not_listen_is_killed(start: Callable[[str], subprocess.Popen[str]]) -> None:
    offspring = Offspring()
    process = start(_DEAF)
    offspring.end(grace_s=0.1)
    assert process.wait(30) == -signal.SIGKILL


def test_child_that_was_there_before_is_left_alone(start: Callable[[str], subprocess.Popen[str]]) -> None:
    before = start(_POLITE)
    offspring = Offspring()
    process = start(_POLITE)
    offspring.end(grace_s=30)
    assert process.wait(30) == 7
    assert before.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere times are all that tells")
def test_child_of_the_same_moment_is_known_by_its_number() -> None:
    before = subprocess.Popen(["sleep", "600"])
    try:
        Offspring().end()
        assert before.poll() is None
    finally:
        before.kill()
        before.wait()


def test_child_of_another_thread_of_the_step_is_ended(start: Callable[[str], subprocess.Popen[str]]) -> None:
    offspring, made = Offspring(), list[subprocess.Popen[str]]()
    thread = threading.Thread(target=lambda: made.append(start(_POLITE)))
    thread.start()
    thread.join()
    offspring.end(grace_s=30)
    assert made[0].wait(30) == 7


def test_interruption_of_the_wait_kills_at_once(start: Callable[[str], subprocess.Popen[str]]) -> None:
    offspring = Offspring()
    process = start(_DEAF)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            offspring.end(grace_s=60)
    finally:
        signal.signal(signal.SIGINT, before)
        timer.cancel()
    assert process.wait(30) == -signal.SIGKILL


def test_process_that_serves_this_one_is_spared() -> None:
    offspring = Offspring()
    code = "import time; time.sleep(600)  # millwright.core.forking.server"
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        offspring.end(grace_s=0.1)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_nothing_happens_without_children() -> None:
    Offspring().end()
