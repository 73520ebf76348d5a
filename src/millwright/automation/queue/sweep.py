"""Ends what workers and machines left behind, so that no run stays running for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.automation.queue.closing import close_run
from millwright.core.process import is_dead, is_of_this_host
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.queue import OPEN_STATES, RequestState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.ids import PipelineRunId
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.core.records.queue import RunRequest
    from millwright.storage.catalog import Stores

_MOST = 10_000
# Of runs whose request has ended, and that did not.
_STATUSES = {
    RequestState.FAILED: PipelineRunStatus.FAILED,
    RequestState.CANCELLED: PipelineRunStatus.CANCELLED,
}
DEFAULT_LOST_AFTER = timedelta(hours=24)


class Sweep:
    """Looks through runs that count as running.

    - A request whose lease has ended is taken up by a worker, unless that happened too often or somebody wants it
      stopped: then it ends here, and its run with it.
    - A run that is not in the queue and whose process is gone is interrupted at once when that was on this machine.
      Of another machine nobody can tell: such a run is interrupted when nothing was written for it, and no lease of a
      step of it held, for `lost_after`.

    Args:
        stores: Queue, runs, leases, audit log.
        clock: The time.
        ended: Told of each request that ends here, in the transaction that ends it.
        max_attempts: A request that was claimed so often and whose lease has ended has failed.
        lost_after: See above.
        actor: Who acts, for the audit log.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        ended: Callable[[RunRequest], object],
        max_attempts: int,
        lost_after: timedelta = DEFAULT_LOST_AFTER,
        actor: str = "worker",
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._ended = ended
        self._max_attempts = max_attempts
        self._lost_after = lost_after
        self._actor = actor

    def run(self) -> list[PipelineRunId]:
        """Look once; the runs that were ended."""
        now = self._clock.now()
        ended = [request.id for request in self._stores.queue.list_lapsed(now) if self._expire(request, now)]
        for run in self._stores.pipelines.list_pipeline_runs(running_only=True, limit=_MOST):
            status = self._fate(run, now)
            if status is not None and self._close(run, status, now):
                ended.append(run.id)
        return ended

    def _expire(self, request: RunRequest, now: datetime) -> bool:
        if request.cancel_requested_by is not None:
            state, status = RequestState.CANCELLED, PipelineRunStatus.CANCELLED
            reason = f"stopped by {request.cancel_requested_by}"
        elif request.attempts >= self._max_attempts:
            state, status = RequestState.FAILED, PipelineRunStatus.FAILED
            reason = f"it was taken up {request.attempts} times, and each time its worker died ({request.owner})"
        else:
            return False
        with self._stores.transactions.transaction():
            if not self._stores.queue.expire(request.id, state, now=now, error=reason):
                return False
            close_run(self._stores, request.id, status, at=now, reason=reason)
            self._note("run.expire", request.id, now, {"pipeline": request.name, "reason": reason})
            self._ended(replace(request, state=state, ended_at=now, error=reason))
        return True

    def _fate(self, run: PipelineRunRecord, now: datetime) -> PipelineRunStatus | None:
        """How a run that counts as running has ended; None when it may go on."""
        request = self._stores.queue.find(run.id)
        if request is not None:
            if request.state in OPEN_STATES:
                return None
            return _STATUSES.get(request.state, PipelineRunStatus.INTERRUPTED)
        if is_of_this_host(run.owner):
            return PipelineRunStatus.INTERRUPTED if is_dead(run.owner) else None
        return PipelineRunStatus.INTERRUPTED if self._is_lost(run, now) else None

    def _is_lost(self, run: PipelineRunRecord, now: datetime) -> bool:
        steps = self._stores.pipelines.list_step_runs(run.id)
        moments = [run.started_at, *(step.ended_at or step.started_at for step in steps)]
        if now - max(moments) < self._lost_after:
            return False
        running = [step for step in steps if step.status is StepStatus.RUNNING and step.cache_key is not None]
        return not any(self._stores.leases.holder(f"step:{step.cache_key}", now=now) for step in running)

    def _close(self, run: PipelineRunRecord, status: PipelineRunStatus, now: datetime) -> bool:
        reason = "its process ended before the run did"
        if not is_of_this_host(run.owner):
            reason = f"nothing was heard of its process ({run.owner}) for {self._lost_after}"
        with self._stores.transactions.transaction():
            if close_run(self._stores, run.id, status, at=now, reason=reason) is None:
                return False
            self._note("run.expire", run.id, now, {"pipeline": run.pipeline, "reason": reason})
        return True

    def _note(self, action: str, run_id: PipelineRunId, now: datetime, details: dict[str, str]) -> None:
        self._stores.audit.append(at=now, actor=self._actor, action=action, subject=f"run:{run_id}", details=details)
