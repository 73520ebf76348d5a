"""Steps that are executed when a run has failed."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.records.pipeline import StepRunRecord, StepStatus
from millwright.pipelines.annotations import Failure
from millwright.pipelines.runner.executors.base import Job
from millwright.pipelines.runner.executors.inline import execute

if TYPE_CHECKING:
    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.runner.executors.base import Outcome
    from millwright.pipelines.runner.run_parts import RunParts

logger = logging.getLogger(__name__)


def run_on_failure(parts: RunParts, *, step: str, error: str) -> None:
    """Execute, in this process, what the pipeline says should be when a run has failed.

    Their results are recorded with the run, and are never taken from the cache. What goes wrong in them is recorded and
    said, and hides nothing: the run has failed already.

    Args:
        parts: What the run's steps share.
        step: The step that failed.
        error: How, in one line.
    """
    run = parts.journal.run
    if run is None:
        return
    failure = Failure(pipeline=run.pipeline, run_id=run.id, step=step, error=error)
    for node in parts.graph.on_failure:
        told = {name: failure for name, value in node.values.items() if isinstance(value, Failure)}
        try:
            _run_one(replace(node, values={**node.values, **told}), parts)
        except Exception:  # the record of the failure that matters is written
            logger.exception("Step '%s', executed on failure, could not be recorded", node.name)


def _run_one(node: Node, parts: RunParts) -> None:
    run = parts.journal.run
    if run is None:
        return
    context = parts.context(run.id, node.name)
    record = StepRunRecord(
        id=context.step_run_id,
        pipeline_run_id=run.id,
        step=node.name,
        function=node.spec.label,
        status=StepStatus.RUNNING,
        started_at=parts.clock.now(),
        params=node.plain,
    )
    parts.journal.start(record, lambda: None)
    outcome = execute(Job(node=node, base=node.name, context=context, links={}, refs={}), parts.shelf)
    _end(record, outcome, parts)


def _end(record: StepRunRecord, outcome: Outcome, parts: RunParts) -> None:
    done = outcome.added_to(record)
    if outcome.failure is None:
        parts.journal.complete(done, outcome.edges)
        parts.journal.write_ended()
        return
    parts.progress.say(f"Step '{record.step}', executed because the run failed, failed itself: {outcome.failure.text}.")
    parts.journal.fail_late(done, outcome.failure.text)
