from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError, StepFailedError
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner import RunOptions
from millwright.pipelines.runner.executors import processes
from millwright.pipelines.runner.executors.processes import ProcessExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = """
    import os, subprocess, sys, time
    from pathlib import Path
    import numpy as np
    import polars as pl
    import millwright as mw
    import helper

    @mw.step
    def make(n: int) -> pl.DataFrame:
        print("made by", os.getpid())
        os.system("echo from a shell")
        return pl.DataFrame({"a": range(n)})

    @mw.step
    def total(table: pl.DataFrame, add: int = 1) -> int:
        return helper.plus(int(table["a"].sum()), add)

    @mw.step
    def square(n: int) -> int:
        return n * n

    @mw.step
    def both(numbers: list[int], pid: int) -> str:
        return f"{sum(numbers)} {pid != os.getpid() or pid}"

    @mw.step
    def pid(ctx: mw.StepContext) -> int:
        ctx.note(step=ctx.step)
        return os.getpid()

    @mw.step(resources=mw.Resources(memory="2GiB"))
    def limited() -> int:
        time.sleep(0.3)
        return 1

    @mw.step
    def unlimited(n: int) -> int:
        time.sleep(0.7)
        return n + 2

    @mw.pipeline
    def following() -> None:
        unlimited(limited())

    @mw.pipeline
    def demo(n: int = 4) -> None:
        total(make(n))
        both(square.map(list(range(n))), pid())

    @mw.step(timeout="300ms")
    def endless(folder: str) -> int:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        Path(folder, "child").write_text(str(child.pid))
        while True:
            try:
                time.sleep(60)
            except TimeoutError:
                pass

    @mw.step(timeout="1s", retries=1, retry_wait="1ms", cache=False)
    def leaving(folder: str) -> int:
        children = Path(folder, "children")
        before = children.read_text().split() if children.exists() else []
        if before:
            return int(before[0])
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        children.write_text(str(child.pid))
        time.sleep(60)
        return 0

    @mw.step(cache=False)
    def is_there(pid: int) -> bool:
        for _ in range(200):
            found = Path(f"/proc/{pid}/stat")
            if not found.exists() or found.read_text().rpartition(")")[2].split()[0] == "Z":
                return False
            time.sleep(0.05)
        return True

    @mw.step(timeout="200ms")
    def quick() -> int:
        return 1

    @mw.pipeline
    def loading() -> None:
        if os.environ.get("MW_TEST_PARENT") != str(os.getpid()):
            time.sleep(3)  # this process is slow to load the pipeline
        quick()

    @mw.pipeline
    def left(folder: str) -> None:
        is_there(leaving(folder))

    @mw.step
    def ends() -> int:
        print("the last words", flush=True)
        time.sleep(1)
        os.kill(os.getpid(), 9)

    @mw.pipeline
    def ended() -> None:
        ends()

    @mw.step(cache=False)
    def asked(folder: str) -> int:
        os.kill(os.getpid(), 15)
        return subprocess.run(["sh", "-c", "kill -TERM $$"]).returncode

    @mw.pipeline
    def terminated(folder: str) -> None:
        asked(folder)

    @mw.pipeline
    def late(folder: str) -> None:
        endless(folder)

    @mw.step(resources=mw.Resources(memory="300MB"), retries=2)
    def greedy() -> int:
        kept = np.ones(100_000_000)
        time.sleep(30)
        return len(kept)

    @mw.pipeline
    def big() -> None:
        greedy()

    @mw.step(retries=1, retry_wait="1ms")
    def dying(folder: str) -> int:
        mark = Path(folder, "died")
        if not mark.exists():
            mark.write_text("")
            os.kill(os.getpid(), 9)
        return 7

    @mw.step(retries=1, retry_wait="1ms")
    def hoarding(ctx: mw.StepContext, folder: str) -> str:
        mark = Path(folder, "temp")
        if not mark.exists():
            mark.write_text(str(ctx.temp_dir))
            (ctx.temp_dir / "big").write_text("x")
            (mw.Folder.new() / "more").write_text("x")
            os.kill(os.getpid(), 9)
        return mark.read_text()

    @mw.pipeline
    def hoarded(folder: str) -> None:
        hoarding(folder)

    @mw.pipeline
    def killed(folder: str) -> None:
        dying(folder)

    @mw.step
    def wrong() -> int:
        raise ValueError("no rows")

    @mw.pipeline
    def failing() -> None:
        wrong()

    @mw.step(retries=3, retry_wait="30s")
    def patient() -> int:
        raise OSError("away")

    @mw.step
    def slowly_wrong(n: int) -> int:
        time.sleep(1)
        raise ValueError(f"no rows {n}")

    @mw.pipeline
    def failing_together() -> None:
        patient()
        slowly_wrong.with_options(name="one")(1)
        slowly_wrong.with_options(name="other")(2)

    @mw.step(cache=False)
    def wait(folder: str) -> int:
        Path(folder, f"begun-{os.getpid()}").write_text("")
        time.sleep(60)
        return 1

    @mw.pipeline
    def stopped(folder: str) -> None:
        wait(folder)
"""


@pytest.fixture
def bench(elsewhere: Callable[..., Any]) -> Any:
    return elsewhere("processes", lambda parts, opener: ProcessExecutor(parts, opener, 2))


@pytest.fixture
def pipeline(write: Callable[..., Path]) -> Callable[[str], Any]:
    from millwright.pipelines.source import load_pipeline

    path = write(pipeline=PROJECT, helper="def plus(a, b):\n    return a + b")
    return lambda name: load_pipeline(path, name)


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - a zombie has ended
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def test_steps_run_in_other_processes_with_the_same_results_and_keys(
    bench: Any, pipeline: Callable[[str], Any]
) -> None:
    found = bench.run(pipeline("demo"))
    assert found.value("total") == 7
    assert str(found.value("both")).startswith("14 ")
    assert found.value("pid") != os.getpid()
    assert found.step("pid").summary == {"step": "pid"}
    assert {record.executor for record in found.steps} == {"processes"}
    log = bench.stores.artifacts.get(found.step("make").log).decode()
    assert "made by" in log
    assert "from a shell" in log
    assert found.step("total").usage.peak_memory_bytes > 10 << 20
    again = bench.run(pipeline("demo"), options=RunOptions(executor="inline"))
    assert {record.status for record in again.steps} == {StepStatus.CACHED}


def test_step_that_takes_too_long_is_killed_with_its_children(
    bench: Any, pipeline: Callable[[str], Any], tmp_path: Path
) -> None:
    with pytest.raises(StepFailedError, match=r"Step 'endless' failed: TimeoutError: took longer than 0\.3 s"):
        bench.run(pipeline("late"), {"folder": str(tmp_path)})
    assert gone(int((tmp_path / "child").read_text()))


def test_time_that_a_process_takes_to_start_is_not_the_steps(
    bench: Any, pipeline: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MW_TEST_PARENT", str(os.getpid()))
    assert bench.run(pipeline("loading")).value("quick") == 1


def test_what_a_step_started_does_not_outlive_its_time_out(
    bench: Any, pipeline: Callable[[str], Any], tmp_path: Path
) -> None:
    found = bench.run(pipeline("left"), {"folder": str(tmp_path)})
    assert found.step("leaving").attempts == 2
    assert found.value("is_there") is False


def test_what_a_step_printed_before_its_process_died_is_kept(bench: Any, pipeline: Callable[[str], Any]) -> None:
    with pytest.raises(StepFailedError, match="SIGKILL"):
        bench.run(pipeline("ended"))
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    (step,) = bench.stores.pipelines.list_step_runs(run.id)
    assert bench.stores.artifacts.get(step.log) == b"the last words\n"


def test_process_leaves_it_to_the_run_when_it_is_asked_to_end(
    bench: Any, pipeline: Callable[[str], Any], tmp_path: Path
) -> None:
    found = bench.run(pipeline("terminated"), {"folder": str(tmp_path)})
    assert found.value("asked") == -signal.SIGTERM  # what steps start can be asked to end


def test_step_that_takes_too_much_memory_is_killed_and_not_tried_again(
    bench: Any, pipeline: Callable[[str], Any]
) -> None:
    with pytest.raises(StepFailedError, match=r"MemoryError: took [\d,]+ MiB of memory, and its limit is 300MB"):
        bench.run(pipeline("big"))
    assert bench.progress.said == []


def test_next_step_of_a_process_does_not_pay_for_the_one_that_was_measured(
    bench: Any, pipeline: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(pid: int) -> int:
        found = measure(pid)
        time.sleep(0.4)  # `limited` ends meanwhile, and its process has `unlimited`
        return found or 1

    measure = processes.held_bytes
    monkeypatch.setattr(processes, "held_bytes", slow)
    assert bench.run(pipeline("following")).value("unlimited") == 3


def test_step_whose_process_dies_is_tried_again(bench: Any, pipeline: Callable[[str], Any], tmp_path: Path) -> None:
    found = bench.run(pipeline("killed"), {"folder": str(tmp_path)})
    assert found.value("dying") == 7
    assert found.step("dying").attempts == 2
    (said,) = bench.progress.said
    assert said.startswith("Step 'dying', attempt 1: its process was killed by SIGKILL (does the machine have enough")


def test_temporary_folders_of_a_step_that_was_killed_are_removed(
    bench: Any, pipeline: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    found = bench.run(pipeline("hoarded"), {"folder": str(tmp_path)})
    assert Path(found.value("hoarding")).parent == place
    assert list(place.glob("millwright-*")) == []


def test_error_is_told_with_its_place(bench: Any, pipeline: Callable[[str], Any]) -> None:
    with pytest.raises(StepFailedError, match=r"Step 'wrong' failed: ValueError: no rows \(pipeline\.py:\d+\)"):
        bench.run(pipeline("failing"))


def test_no_step_stays_running_when_several_fail(bench: Any, pipeline: Callable[[str], Any]) -> None:
    with pytest.raises(StepFailedError, match="no rows"):
        bench.run(pipeline("failing_together"))
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    found = {step.step: step for step in bench.stores.pipelines.list_step_runs(run.id)}
    assert {name: step.status.value for name, step in found.items()} == dict.fromkeys(
        ("patient", "one", "other"), "failed"
    )
    assert "failed: ValueError: no rows" in str(found["patient"].error)
    logs = {name: bench.stores.artifacts.get(found[name].log).decode() for name in found}
    assert logs["patient"].endswith("── attempt 1: OSError: away; tried again ──\n")
    assert all("ValueError: no rows" in logs[name] for name in ("one", "other"))


@pytest.fixture
def _listens_to_interrupts() -> Iterator[None]:
    """Shells have the background jobs of scripts ignore Ctrl-C; tests that run as one are interrupted all the same."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_listens_to_interrupts")
def test_interrupt_stops_the_processes(bench: Any, pipeline: Callable[[str], Any], tmp_path: Path) -> None:
    def interrupt() -> None:
        while not list(tmp_path.glob("begun-*")):
            time.sleep(0.02)
        signal.pthread_kill(main, signal.SIGINT)

    main = threading.main_thread().ident
    assert main is not None
    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        bench.run(pipeline("stopped"), {"folder": str(tmp_path)})
    interrupting.join()
    (mark,) = tmp_path.glob("begun-*")
    assert gone(int(mark.name.partition("-")[2]))


def test_pipeline_that_no_process_can_load_is_refused(bench: Any) -> None:
    import millwright as mw

    @mw.step
    def one() -> int:
        return 1

    @mw.pipeline
    def here() -> None:
        one()

    with pytest.raises((ConfigurationError, InvalidInputError), match="no file or module that another process"):
        bench.run(here)
