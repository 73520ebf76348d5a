"""A project whose triggers are looked at, and whose queued runs end as the tests say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.policy import RetrainingPolicy
from millwright.automation.retraining import RetrainingWatch
from millwright.automation.trigger import Trigger
from millwright.automation.triggers import Answers
from millwright.core.ids import PipelineRunId
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import Claim, RequestState, RunRequest
from tiny.priced_run import add_steps

if TYPE_CHECKING:
    from millwright.core.records.monitor import DecisionRecord

RULE = Trigger(
    name="loop", pipeline="/project/pipeline.py:delay", model="delay", endpoint="delay", params={"source": "new.csv"}
)


@dataclass
class Loop:
    """Looks at triggers, and ends the runs that follow."""

    project: Any
    rule: Trigger = RULE
    launched: list[RunRequest] = field(default_factory=list)
    meanwhile: Callable[[PipelineRunId], None] = lambda _: None

    def watch(self, repeats: Any = None, **changes: Any) -> RetrainingWatch:
        policy = RetrainingPolicy(triggers=(replace(self.rule, **changes),))
        project = self.project
        return RetrainingWatch(
            stores=project.stores, clock=project.clock, events=project.events, policy=policy, repeats=repeats
        )

    def look(self, **changes: Any) -> list[RunRequest]:
        found = self.watch(**changes).fire_due()
        self.launched += found
        return found

    def finish(
        self,
        request: RunRequest,
        *,
        package: bytes | None = None,
        passed: bool = True,
        status: PipelineRunStatus = PipelineRunStatus.COMPLETED,
        cost: float | None = None,
        minutes: float = 10,
    ) -> DecisionRecord | None:
        """End a queued run as a worker does; it registers a version when a package is given."""
        project, now = self.project, self.project.clock.now()
        project.stores.queue.claim(Claim(owner="worker", now=now, until=now + timedelta(hours=9)))
        record = replace(project.run_record(PipelineRunStatus.RUNNING, request.trigger), id=request.id)
        project.stores.pipelines.create_pipeline_run(record)
        add_steps(project, request.id, cost)
        if package is not None:
            project.register(package, passed=passed, run_id=request.id)
        self.meanwhile(request.id)
        project.clock.advance(timedelta(minutes=minutes))
        project.stores.pipelines.update_pipeline_run(replace(record, status=status, error="no rows"))
        at = project.clock.now()
        with project.stores.transactions.transaction():
            project.stores.queue.finish(request.id, "worker", RequestState.DONE, at=at, error=None)
            answers = Answers(
                stores=project.stores, clock=project.clock, events=project.events, registry=project.registry
            )
            return answers.end(request)

    def decisions(self) -> list[DecisionRecord]:
        return self.project.stores.monitors.list_decisions(limit=1000)[::-1]


@pytest.fixture
def loop(project: Any) -> Loop:
    project.register(b"first", passed=True)
    return Loop(project)
