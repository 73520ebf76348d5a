# ruff: noqa: T201, PT012, TRY301 - what is tested is printing, and errors raised within a context
from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.pipelines.runner.observation import LiveLogs, Prices, observe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.pipelines.context import StepContext

    Make = Callable[..., StepContext]

SECRET = "s3cr3t-value"


def test_silent_step_has_an_empty_log(context: Make) -> None:
    with observe(context()) as seen:
        pass
    assert seen.log_bytes() == b""


def test_secret_is_masked_wherever_the_step_puts_it(context: Make) -> None:
    step = context()
    with pytest.raises(ValueError, match=r"^bad \*\*\*$") as caught, observe(step) as seen:
        token = step.secret("TOKEN")
        print("token", token)
        sys.stdout.write(token[:5])
        sys.stdout.write(f"{token[5:]}\n")
        logging.getLogger("mine").info("logged %s", token)
        step.note(url=f"https://me:{token}@host", **{f"key {token}": [token]})
        step.lineage(
            LineageEdge(
                source_kind=NodeKind.SOURCE,
                source_id=f"https://host?key={token}",
                relation="read",
                target_kind=NodeKind.STEP_RUN,
                target_id="b",
                at=step.clock.now(),
            )
        )
        raise ValueError(f"bad {token}")
    log = seen.log_bytes().decode()
    assert log.count("***") == 4
    assert SECRET not in log + repr(step.facts) + repr(step.edges) + repr(caught.value)
    assert step.facts == {"url": "https://me:***@host", "key ***": ["***"]}
    assert step.edges[0].source_kind is NodeKind.SOURCE
    assert seen.mask(f"again {SECRET}") == "again ***"


def test_secret_that_was_printed_before_it_was_asked_for_is_masked(context: Make) -> None:
    step = context()
    with observe(step) as seen:
        print(os.environ["TOKEN"])
        step.secret("TOKEN")
    assert seen.log_bytes() == b"***\n"


def test_what_went_wrong_stands_at_the_end_of_the_log(context: Make) -> None:
    def deep() -> None:
        raise KeyError("column")

    with pytest.raises(KeyError), observe(context()) as seen:
        print("begun")
        deep()
    lines = seen.log_bytes().decode().splitlines()
    assert lines[:2] == ["begun", "Traceback (most recent call last):"]
    assert lines[-1] == "KeyError: 'column'"
    assert "in deep" in "".join(lines)


def test_traceback_begins_with_the_steps_own_line(context: Make) -> None:
    @mw.step
    def broken(rows: int) -> int:
        raise KeyError("column")

    with observe(context()) as seen:
        try:
            broken.spec.call({"rows": 1})
        except KeyError as error:
            trace = error.__traceback__
            seen.failed(error.with_traceback(trace.tb_next if trace else None))
    lines = seen.log_bytes().decode().splitlines()
    assert "in broken" in lines[1]
    assert not any("spec.py" in line for line in lines)


def test_error_that_is_handled_within_is_masked_and_logged_when_it_is_told(context: Make) -> None:
    step, text = context(), ""
    with observe(step) as seen:
        try:
            raise ValueError(f"bad {step.secret('TOKEN')}")
        except ValueError as error:
            seen.failed(error)
            text = str(error)
    assert text == "bad ***"
    assert seen.log_bytes().decode().splitlines()[-1] == "ValueError: bad ***"


@pytest.mark.parametrize("error", [InvalidInputError("wrong"), KeyboardInterrupt()])
def test_refusals_and_interruptions_need_no_traceback(context: Make, error: BaseException) -> None:
    with pytest.raises(type(error)), observe(context()) as seen:
        raise error
    assert seen.log_bytes() == b""


def test_temporary_folder_lasts_as_long_as_the_execution(context: Make) -> None:
    step = context()
    with observe(step):
        (step.temp_dir / "file").write_text("x")
        folder = step.temp_dir
    assert not folder.exists()


def test_usage_has_a_cost_when_there_are_prices(context: Make) -> None:
    with observe(context({Prices: Prices(cpu_hour=1.0)})) as seen:
        sum(range(100_000))
    usage = seen.usage()
    assert usage.cpu_s > 0
    assert usage.peak_memory_bytes > 1 << 20
    assert usage.cost is not None
    assert usage.cost > 0


def test_others_can_follow_whole_lines_with_secrets_masked(context: Make, tmp_path: Path) -> None:
    live = LiveLogs(tmp_path)
    step = context({LiveLogs: live})
    waited = threading.Event()
    with observe(step) as seen:
        token = step.secret("TOKEN")
        print("first", token[:4], end="", sep=" ")
        sys.stdout.write(f"{token}\nsecond half of a li")
        while not live.read(step.step_run_id):
            waited.wait(0.02)
        assert live.read(step.step_run_id) == b"first s3cr***\n"
        sys.stdout.write(f"ne {token[:3]}")
        sys.stdout.write(f"{token[3:]}\n")
        while b"second" not in live.read(step.step_run_id):
            waited.wait(0.02)
        assert live.read(step.step_run_id) == b"first s3cr***\nsecond half of a line ***\n"
    assert live.read(step.step_run_id) == b""
    assert seen.log_bytes() == b"first s3cr***\nsecond half of a line ***\n"


def test_silent_step_leaves_no_file(context: Make, tmp_path: Path) -> None:
    with observe(context({LiveLogs: LiveLogs(tmp_path / "live")})):
        pass
    assert not (tmp_path / "live").exists()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_process_that_a_step_forks_is_not_part_of_its_log(context: Make) -> None:
    with observe(context()) as seen:
        child = os.fork()
        if child == 0:
            print("child", flush=True)
            os._exit(0)
        os.waitpid(child, 0)
    assert seen.log_bytes() == b""
