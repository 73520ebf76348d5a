from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from millwright.cli.step_output import OutputDisplay, StepOutput, readable
from millwright.core.digest import digest_bytes
from millwright.core.errors import NotFoundError
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.code import CodeRecord
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord, StepStatus
from millwright.pipelines.runner.observation import LiveLogs
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.catalog import Stores

START = datetime(2026, 1, 1, tzinfo=UTC)


def step(name: str, status: StepStatus = StepStatus.COMPLETED, **more: Any) -> StepRunRecord:
    return StepRunRecord(
        id=StepRunId(name),
        pipeline_run_id=PipelineRunId("a" * 32),
        step=name,
        function=name,
        status=status,
        started_at=START,
        **more,
    )


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Workspace.open(tmp_path) as workspace:
        code = CodeRecord(entrypoint="pipeline.py:demo", snapshot=None, source_digest=digest_bytes(b"source"))
        run = PipelineRunRecord(
            id=PipelineRunId("a" * 32),
            pipeline="demo",
            status=PipelineRunStatus.RUNNING,
            started_at=START,
            code=code,
            owner="",
            trigger="user",
        )
        workspace.stores.pipelines.create_pipeline_run(run)
        yield workspace.stores


def test_log_of_a_step_that_has_ended_is_in_the_store(stores: Stores, tmp_path: Path) -> None:
    output = StepOutput(stores, LiveLogs(tmp_path / "live"))
    assert output.whole(step("a", log=stores.artifacts.put("größe\n".encode()))) == "größe\n"
    assert output.whole(step("a")) == ""


def test_log_that_is_gone_is_an_error(stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        StepOutput(stores, LiveLogs(tmp_path)).whole(step("a", log=digest_bytes(b"gone")))


def test_log_of_a_cached_step_is_that_of_its_execution(stores: Stores, tmp_path: Path) -> None:
    output = StepOutput(stores, LiveLogs(tmp_path))
    stores.pipelines.put_step_run(step("a", log=stores.artifacts.put(b"said")))
    assert output.whole(step("b", StepStatus.CACHED, cached_from=StepRunId("a"))) == "said"
    assert output.whole(step("b", StepStatus.CACHED, cached_from=StepRunId("removed"))) == ""


def test_what_a_killed_step_had_printed_is_found(stores: Stores, tmp_path: Path) -> None:
    live = LiveLogs(tmp_path)
    live.append(StepRunId("a"), "so far\n")
    assert StepOutput(stores, live).whole(step("a", StepStatus.INTERRUPTED)) == "so far\n"


def test_fresh_text_is_given_once_while_a_step_goes_on_and_when_it_has_ended(stores: Stores, tmp_path: Path) -> None:
    live = LiveLogs(tmp_path)
    output, going = StepOutput(stores, live), step("a", StepStatus.RUNNING)
    assert output.fresh(going) == ""
    live.append(going.id, "one\n")
    assert output.fresh(going) == "one\n"
    assert output.fresh(going) == ""
    ended = replace(going, status=StepStatus.COMPLETED, log=stores.artifacts.put(b"one\ntwo\n"))
    live.remove(going.id)
    assert output.fresh(ended) == "two\n"
    assert output.fresh(ended) == ""


def test_display_prints_what_steps_print_while_they_go_on_and_the_rest_at_their_end(
    stores: Stores, tmp_path: Path
) -> None:
    live, printed, seen = LiveLogs(tmp_path), [], threading.Event()

    def line(name: str, text: str) -> None:
        printed.append((name, text))
        seen.set()

    going = step("a", StepStatus.RUNNING)
    with OutputDisplay(StepOutput(stores, live), line) as display:
        display.on_step(going)
        live.append(going.id, "one\n")
        assert seen.wait(30)
        display.on_step(replace(going, status=StepStatus.FAILED, log=stores.artifacts.put(b"one\ntwo\nno end of line")))
        display.on_step(step("b", StepStatus.CACHED, log=stores.artifacts.put(b"of before\n")))
    assert printed == [("a", "one"), ("a", "two"), ("a", "no end of line")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a\n\nb", ["a", "", "b"]),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x\n", ["red x"]),
        ("10%\r50%\r100%\nnext\r\n", ["100%", "next"]),
    ],
)
def test_lines_are_what_was_seen(text: str, lines: list[str]) -> None:
    assert readable(text) == lines
