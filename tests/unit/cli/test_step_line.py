from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.cli.console import Output
from millwright.cli.step_line import duration, print_step, told
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.pipeline import StepRunRecord, StepStatus

START = datetime(2026, 1, 1, tzinfo=UTC)


def step(name: str = "clean", status: StepStatus = StepStatus.COMPLETED, **more: Any) -> StepRunRecord:
    return StepRunRecord(
        id=StepRunId(name),
        pipeline_run_id=PipelineRunId("a"),
        step=name,
        function=name,
        status=status,
        started_at=START,
        ended_at=START + timedelta(seconds=1.25),
        **more,
    )


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (StepStatus.COMPLETED, "✓ clean               1.2 s  rows 3"),
        (StepStatus.CACHED, "= clean              cached  rows 3"),
        (StepStatus.FAILED, "✗ clean               1.2 s  rows 3"),
        (StepStatus.SKIPPED, "- clean             skipped  rows 3"),
        (StepStatus.INTERRUPTED, "! clean               1.2 s  rows 3"),
    ],
)
def test_line_has_mark_name_time_and_facts(status: StepStatus, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_step(Output(), step(status=status, summary={"rows": 3}))
    assert capsys.readouterr().out == f"{line}\n"


def test_line_without_facts_ends_with_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    print_step(Output(), step())
    assert capsys.readouterr().out == "✓ clean               1.2 s\n"


def test_skipped_step_tells_the_reason_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_step(Output(), step(status=StepStatus.SKIPPED, summary={"skipped": "it needs load, which was skipped"}))
    assert capsys.readouterr().out == "- clean             skipped  it needs load, which was skipped\n"


def test_how_many_items_were_cached_is_told_of_what_was_executed_only() -> None:
    facts = {"items": 3, "cached": 1}
    assert told(step(summary=facts), 80) == ["items 3 · cached 1"]
    assert told(step(status=StepStatus.CACHED, summary=facts), 80) == ["items 3"]
    assert told(step(status=StepStatus.CACHED, summary={"cached": 1}), 80) == ["cached 1"]


def test_step_that_goes_on_has_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_step(Output(), step(status=StepStatus.RUNNING))
    assert capsys.readouterr().out == ""


def test_several_attempts_are_told_and_long_names_move_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    print_step(Output(), step("a-name-that-is-too-long", attempts=3, summary={"rows": 3}))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["✓ a-name-that-is-too-long    1.2 s", " " * 29 + "3 attempts", " " * 29 + "rows 3"]


def test_control_characters_of_a_name_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_step(Output(), step("a\x1b[2J"))
    assert "\x1b" not in capsys.readouterr().out


def test_duration_is_a_word_when_nothing_was_executed() -> None:
    assert [duration(step(status=status)) for status in (StepStatus.CACHED, StepStatus.COMPLETED)] == [
        "cached", "1.2 s",
    ]  # fmt: skip
