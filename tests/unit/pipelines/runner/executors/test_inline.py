from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError, StepFailedError
from millwright.pipelines.runner import RunOptions

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = """
    from pathlib import Path
    import millwright as mw

    @mw.step
    def count(name: str) -> int:
        return len((Path(__file__).parent / name).read_text())

    @mw.step
    def declared(path: str) -> int:
        return len(Path(path).read_text())

    @mw.pipeline
    def demo(name: str) -> None:
        count(name)

    @mw.pipeline
    def told(name: str) -> None:
        declared(mw.external(name))
"""


@pytest.fixture
def project(load: Callable[..., Any], write: Callable[..., Any]) -> Callable[[str], Any]:
    from millwright.pipelines.source import load_pipeline

    path = write(pipeline=PROJECT)
    (path.parent / "data.txt").write_text("12345")
    os.utime(path.parent / "data.txt", (1e9, 1e9))  # what was written a moment ago could be the step's own
    return lambda name: load_pipeline(path, name)


def test_file_that_the_key_does_not_know_is_said(bench: Any, project: Callable[[str], Any]) -> None:
    assert bench.run(project("demo"), {"name": "data.txt"}).value("count") == 5
    (said,) = bench.progress.said
    assert said.startswith("Step 'count' read data.txt, which its cache key does not know")


def test_file_that_the_key_does_not_know_fails_a_strict_run(bench: Any, project: Callable[[str], Any]) -> None:
    with pytest.raises(InvalidInputError, match="depends on what its cache key does not see: it read data"):
        bench.run(project("demo"), {"name": "data.txt"}, RunOptions(strict=True))


def test_limits_that_do_not_hold_inline_are_said_once_for_each_step(bench: Any) -> None:
    @mw.step(resources=mw.Resources(memory="4GiB"), timeout="30s")
    def limited(number: int) -> int:
        return number

    @mw.pipeline
    def demo() -> None:
        limited.map([1, 2])

    memory = "Step 'limited' is executed inline, where its limit of memory (4GiB) does not hold"
    bench.run(demo)
    (said,) = bench.progress.said  # in the main thread its time-out stops it
    assert said.startswith(memory)
    assert 'executor="processes"' in said
    bench.progress.said.clear()
    bench.run(demo)
    assert bench.progress.said == []  # nothing was executed
    thread = threading.Thread(target=bench.run, args=(demo, {}, RunOptions(use_cache=False)))
    thread.start()
    thread.join()
    first, second = bench.progress.said
    assert first.startswith(memory)
    assert "its time-out (30 s) cannot stop it" in second


def test_external_file_is_known_by_its_content(bench: Any, project: Callable[[str], Any]) -> None:
    for text, status in (("12345", "completed"), ("12345", "cached"), ("123456", "completed")):
        (bench.project / "data.txt").write_text(text)
        found = bench.run(project("told"), {"name": "data.txt"}, RunOptions(strict=True))
        assert (found.step("declared").status.value, found.value("declared")) == (status, len(text))


def test_log_and_usage_are_kept(bench: Any) -> None:
    @mw.step
    def speak() -> int:
        sys.stdout.write("hello")
        return 1

    @mw.pipeline
    def demo() -> None:
        speak()

    step = bench.run(demo).step("speak")
    assert b"hello" in bench.stores.artifacts.get(step.log)
    assert step.usage.cpu_s >= 0
    assert step.usage.peak_memory_bytes > 0


class Sleeper:
    """A step's own child process, and whether it has been started."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.is_there = threading.Event()

    def start(self) -> None:
        self.process = subprocess.Popen(["sleep", "600"])
        self.is_there.set()

    def ends(self) -> bool:
        assert self.process is not None
        try:
            return self.process.wait(30) == -signal.SIGTERM
        finally:
            self.process.kill()
            self.process.wait()


def wait_long() -> None:
    for _ in range(1000):  # a signal just before a single sleep would be noticed when that has ended
        time.sleep(0.06)


def _interrupt(bench: Any) -> None:
    del bench
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


def _cancel(bench: Any) -> None:
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    assert bench.stores.pipelines.request_cancel(run.id, by="ada", at=datetime.now(UTC))


@pytest.mark.parametrize("stop", [_interrupt, _cancel])
def test_run_that_is_stopped_ends_what_its_step_has_started(bench: Any, stop: Callable[[Any], None]) -> None:
    sleeper = Sleeper()

    @mw.step(cache=False)
    def hold() -> int:
        sleeper.start()
        wait_long()
        return 1

    @mw.pipeline
    def demo() -> None:
        hold()

    def ask() -> None:
        assert sleeper.is_there.wait(30)
        stop(bench)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            bench.run(demo)
    finally:
        asking.join()
        signal.signal(signal.SIGINT, before)
    assert sleeper.ends()


def test_step_that_takes_too_long_ends_what_it_has_started_and_nothing_else(bench: Any) -> None:
    earlier, sleeper = Sleeper(), Sleeper()

    @mw.step(cache=False)
    def serve() -> int:
        earlier.start()
        return 1

    @mw.step(cache=False, timeout="1s")
    def hold(number: int) -> int:
        sleeper.start()
        wait_long()
        return number

    @mw.pipeline
    def demo() -> None:
        hold(serve())

    with pytest.raises(StepFailedError, match="took longer than 1 s"):
        bench.run(demo)
    assert sleeper.ends()
    assert earlier.process is not None
    assert earlier.process.poll() is None
    earlier.process.terminate()
    assert earlier.ends()


def test_what_a_step_leaves_running_goes_on_when_it_fails_by_itself(bench: Any) -> None:
    sleeper = Sleeper()

    @mw.step(cache=False)
    def serve() -> int:
        sleeper.start()
        raise ValueError("no")

    @mw.pipeline
    def demo() -> None:
        serve()

    with pytest.raises(StepFailedError, match="no"):
        bench.run(demo)
    assert sleeper.process is not None
    assert sleeper.process.poll() is None
    sleeper.process.terminate()
    assert sleeper.ends()
