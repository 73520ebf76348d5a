"""What becomes of a request when its process has ended."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.automation.queue.closing import close_run, find_run
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState
from millwright.workspace.worker.execution import outcome_of
from millwright.workspace.worker.order import End, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.core.records.queue import RunRequest
    from millwright.storage.catalog import Stores
    from millwright.workspace.worker.options import WorkerOptions
    from millwright.workspace.worker.slot import Slot

_STATES = {
    End.DONE: RequestState.DONE,
    End.FAILED: RequestState.FAILED,
    End.CANCELLED: RequestState.CANCELLED,
}
_STATUSES = {
    RequestState.DONE: PipelineRunStatus.COMPLETED,
    RequestState.FAILED: PipelineRunStatus.FAILED,
    RequestState.CANCELLED: PipelineRunStatus.CANCELLED,
}


class Settling:
    """Ends requests, or hands them back, for one worker.

    Args:
        stores: The queue, runs, audit log.
        clock: The time.
        owner: The worker.
        options: How often a run is tried.
        ended: Told of each request that has ended, in the transaction that ends it.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        owner: str,
        options: WorkerOptions,
        ended: Callable[[RunRequest], object],
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._owner = owner
        self._options = options
        self._ended = ended

    def end(self, slot: Slot) -> RunRequest | None:
        """Write down what a process that ended came to.

        Returns:
            The request afterwards; None when another worker has it.

        Raises:
            StorageError: The store is away; to be called again.
        """
        request = slot.request
        outcome = slot.outcome
        if outcome is None or outcome.end is End.AGAIN:
            # The process may have died after the run's last line was written.
            outcome = outcome_of(find_run(self._stores, request.id)) or outcome
        if outcome is not None and outcome.end is not End.AGAIN:
            return self._finish(request, _STATES[outcome.end], outcome.error)
        current = self._stores.queue.get(request.id)
        if slot.cancelled_at is not None or current.cancel_requested_by is not None:
            return self._finish(request, RequestState.CANCELLED, f"stopped by {current.cancel_requested_by}")
        why = death(slot.exit_code, outcome)
        if request.attempts >= self._options.max_attempts:
            text = f"it was taken up {request.attempts} times, and did not end: {why}"
            return self._finish(request, RequestState.FAILED, text)
        later = self._clock.now() + self._options.rest(request.attempts)
        self._stores.queue.hand_back(request.id, self._owner, not_before=later, counted=True, error=why)
        return self._stores.queue.find(request.id)

    def give_back(self, request: RunRequest, reason: str) -> None:
        """Let another worker go on with a run; this attempt does not count."""
        now = self._clock.now()
        self._stores.queue.hand_back(request.id, self._owner, not_before=now, counted=False, error=reason)

    def _finish(self, request: RunRequest, state: RequestState, error: str | None) -> RunRequest | None:
        now = self._clock.now()
        with self._stores.transactions.transaction():
            if not self._stores.queue.finish(request.id, self._owner, state, at=now, error=error):
                return None
            if state is not RequestState.DONE:  # its process may have died before it could write so
                close_run(self._stores, request.id, _STATUSES[state], at=now, reason=error or state.value)
            self._stores.audit.append(
                at=now,
                actor="worker",
                action=f"run.{state.value}",
                subject=f"run:{request.id}",
                details={"pipeline": request.name, "attempts": request.attempts, "error": error},
            )
            self._ended(replace(request, state=state, ended_at=now, error=error))
        return self._stores.queue.find(request.id)


def death(exit_code: int | None, outcome: Outcome | None) -> str:
    """Why a process ended without an outcome, for people."""
    if outcome is not None and outcome.error:
        return outcome.error
    if exit_code is not None and exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        more = " (often: out of memory)" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{more}"
    return f"its process ended with code {exit_code}"
