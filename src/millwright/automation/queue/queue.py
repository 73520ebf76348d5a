"""Adds requests to the queue, and stops runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from millwright.automation.queue.closing import close_run
from millwright.core.errors import InvalidInputError, NotFoundError, StateTransitionError
from millwright.core.ids import PipelineRunId, new_id
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import OPEN_STATES, RequestState, RunRequest

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.core.records.schedule import LaunchTarget
    from millwright.storage.catalog import Stores

MOST_PRIORITY = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Why and when something is run.

    Attributes:
        trigger: Who or what asks: `user:ada`, `dataset:schedules@7`, ….
        not_before: It waits until then; None to begin at once.
        dedup_key: At most one request has it; None when it may be repeated.
        options: How it is run: `no_cache`, `force`, `until`, `executor`, `resumes`; JSON values.
    """

    trigger: str
    not_before: datetime | None = None
    dedup_key: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class RunQueue:
    """Adds requests and stops runs.

    Args:
        stores: The queue, runs, audit log.
        clock: The time.
        actor: Who acts, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._actor = actor

    def enqueue(self, target: LaunchTarget, ask: Ask) -> RunRequest:
        """Add a request.

        Args:
            target: What is run.
            ask: Why and when.

        Returns:
            The request; the earlier one when its `dedup_key` has one already.

        Raises:
            InvalidInputError: Parameters hold something else than JSON values, or the priority is out of range.
        """
        if abs(target.priority) > MOST_PRIORITY:
            raise InvalidInputError(
                f"Expected a priority from -{MOST_PRIORITY:,} to {MOST_PRIORITY:,}, found {target.priority:,}.",
                hint="0 is what runs have by default.",
            )
        now = self._clock.now()
        request = RunRequest(
            id=PipelineRunId(new_id()),
            name=target.name,
            pipeline=target.pipeline,
            project_dir=target.project_dir,
            params=dict(target.params),
            options=dict(ask.options),
            priority=target.priority,
            code=target.code,
            trigger=ask.trigger,
            requested_by=self._actor,
            dedup_key=ask.dedup_key,
            created_at=now,
            not_before=ask.not_before or now,
        )
        with self._stores.transactions.transaction():
            stored = self._stores.queue.enqueue(request)
            if stored.id == request.id:
                details = {"trigger": ask.trigger, "params": dict(target.params), "priority": target.priority}
                resumed = {name: ask.options[name] for name in ("resumes",) if name in ask.options}
                self._note("run.queue", stored.id, {"pipeline": target.name, **details, **resumed})
        return stored

    def cancel(self, run_id: PipelineRunId) -> RunRequest | PipelineRunRecord:
        """Stop a run: one that waits ends at once, one that is executed as soon as its process sees it.

        Args:
            run_id: The id of a queued run or of a pipeline run, or an unambiguous part of it.

        Returns:
            The queued run as it is now; the pipeline run, when it never was in the queue.

        Raises:
            NotFoundError: There is no such run.
            StateTransitionError: It has ended.
        """
        now = self._clock.now()
        with self._stores.transactions.transaction():
            request = self._find(run_id)
            if request is None:
                run = self._stores.pipelines.get_pipeline_run(run_id)
                if not self._stores.pipelines.request_cancel(run.id, by=self._actor, at=now):
                    raise _ended(run.id, run.status.value)
                self._note("run.cancel", run.id, {"pipeline": run.pipeline})
                return run
            if request.state not in OPEN_STATES:
                raise _ended(request.id, request.state.value)
            after = self._stores.queue.cancel(request.id, by=self._actor, at=now)
            if after.state is RequestState.CANCELLED:  # a run that was begun and handed back ends, too
                reason = f"stopped by {self._actor}"
                close_run(self._stores, request.id, PipelineRunStatus.CANCELLED, at=now, reason=reason)
            else:
                self._ask_process(request.id, now)
            self._note("run.cancel", request.id, {"pipeline": request.name})
        return after

    def _find(self, run_id: PipelineRunId) -> RunRequest | None:
        try:
            return self._stores.queue.get(run_id)
        except NotFoundError as error:
            if "Several" in error.message:
                raise
        return None

    def _ask_process(self, run_id: PipelineRunId, now: datetime) -> None:
        try:
            self._stores.pipelines.request_cancel(run_id, by=self._actor, at=now)
        except NotFoundError:
            return  # it is about to begin: its worker sees the mark on the request

    def _note(self, action: str, run_id: PipelineRunId, details: Mapping[str, Any]) -> None:
        self._stores.audit.append(
            at=self._clock.now(), actor=self._actor, action=action, subject=f"run:{run_id}", details=details
        )


def _ended(run_id: PipelineRunId, state: str) -> StateTransitionError:
    return StateTransitionError(
        f"The run '{run_id}' is {state}; there is nothing to stop.", hint=f"See it with: mw runs show {run_id[-8:]}"
    )
