from __future__ import annotations

from datetime import UTC, datetime

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.pipeline import StepRunRecord, StepStatus
from millwright.pipelines.context import StepContext
from millwright.pipelines.runner.key import StepKey
from millwright.pipelines.runner.pending import Pending


@mw.step
def one() -> int:
    return 1


@mw.pipeline
def demo() -> None:
    one()


def test_key_is_there_once_it_was_made() -> None:
    run_id, step_id = PipelineRunId("run"), StepRunId("step")
    context = StepContext(
        step="one",
        pipeline="demo",
        pipeline_run_id=run_id,
        step_run_id=step_id,
        clock=SystemClock(),
    )
    record = StepRunRecord(
        id=step_id,
        pipeline_run_id=run_id,
        step="one",
        function="one",
        status=StepStatus.RUNNING,
        started_at=datetime.now(UTC),
    )
    pending = Pending(node=demo.build().nodes[0], base="one", links={}, context=context, record=record)
    assert pending.digest is None
    pending.key = StepKey(digest=digest_bytes(b"key"))
    assert pending.digest == digest_bytes(b"key")
