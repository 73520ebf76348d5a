"""Stores, a clock that stands still, and records for tests of the queue, schedules, triggers and workers."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import ManualClock
from millwright.core.digest import digest_bytes
from millwright.core.ids import PipelineRunId, StepRunId, new_id
from millwright.core.records.code import CodeRecord
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord, StepStatus
from millwright.core.records.queue import Claim
from millwright.core.records.schedule import LaunchTarget
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DEAD_HERE = f"{socket.gethostname()}:999999999:1"
ELSEWHERE = "another-machine:17:1"
TARGET = LaunchTarget(name="delay", pipeline="/project/pipeline.py:delay", params={"trials": 3})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


def claim(owner: str, clock: ManualClock, *, seconds: float = 30, **changes: Any) -> Claim:
    """What a worker asks for now."""
    return Claim(owner=owner, now=clock.now(), until=clock.now() + timedelta(seconds=seconds), **changes)


def begin_run(stores: Stores, clock: ManualClock, **changes: Any) -> PipelineRunRecord:
    """A pipeline run with one step that runs."""
    fields: dict[str, Any] = {
        "id": PipelineRunId(new_id()),
        "pipeline": "delay",
        "status": PipelineRunStatus.RUNNING,
        "started_at": clock.now(),
        "code": CodeRecord(entrypoint="x", snapshot=None, source_digest=digest_bytes(b"")),
        "owner": DEAD_HERE,
        "trigger": "user",
    }
    run = PipelineRunRecord(**{**fields, **changes})
    stores.pipelines.create_pipeline_run(run)
    step = StepRunRecord(
        id=StepRunId(new_id()),
        pipeline_run_id=run.id,
        step="train",
        function="train",
        status=StepStatus.RUNNING,
        started_at=clock.now(),
        cache_key=digest_bytes(run.id.encode()),
    )
    stores.pipelines.put_step_run(step)
    return run


def actions(stores: Stores) -> list[str]:
    """What the audit log holds, oldest first."""
    return [event.action for event in stores.audit.list(limit=1000)][::-1]
