from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock
from millwright.core.digest import digest_bytes
from millwright.core.events import EventBus
from millwright.core.ids import PipelineRunId
from millwright.core.records.code import CodeRecord
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord, StepStatus
from millwright.pipelines.runner.journal import new_step_run_id
from millwright.pipelines.runner.telling import Telling

if TYPE_CHECKING:
    from millwright.core.events import Event

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = PipelineRunRecord(
    id=PipelineRunId("run"),
    pipeline="demo",
    status=PipelineRunStatus.RUNNING,
    started_at=NOW,
    code=CodeRecord(entrypoint="x", snapshot=None, source_digest=digest_bytes(b"")),
    owner="host:1:1",
    trigger="alert:7",
)
STEP = StepRunRecord(
    id=new_step_run_id(),
    pipeline_run_id=RUN.id,
    step="train",
    function="train",
    status=StepStatus.RUNNING,
    started_at=NOW,
)


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def telling(heard: list[Event]) -> Telling:
    events = EventBus()
    events.subscribe("*", heard.append)
    return Telling(ManualClock(NOW), events, None)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (StepStatus.RUNNING, "step.started"),
        (StepStatus.COMPLETED, "step.completed"),
        (StepStatus.CACHED, "step.cached"),
        (StepStatus.FAILED, "step.failed"),
        (StepStatus.INTERRUPTED, "step.failed"),
    ],
)
def test_step_is_told_by_what_became_of_it(telling: Telling, heard: list[Event], status: StepStatus, told: str) -> None:
    telling.step(replace(STEP, status=status, error="no luck"))
    (event,) = heard
    assert (event.type, event.subject, event.at) == (told, STEP.id, NOW)
    assert event.data == {"step": "train", "pipeline_run_id": "run", "error": "no luck"}


def test_run_is_told_with_what_started_it(telling: Telling, heard: list[Event]) -> None:
    telling.run(RUN, "pipeline.started")
    telling.run(None, "pipeline.failed")
    (event,) = heard
    assert (event.type, event.subject) == ("pipeline.started", "run")
    assert event.data == {"pipeline": "demo", "trigger": "alert:7", "status": "running", "error": None}
