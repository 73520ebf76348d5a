"""How a worker works."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from millwright.automation.queue.sweep import DEFAULT_LOST_AFTER
from millwright.core.errors import InvalidInputError
from millwright.core.records.queue import RunLimits

if TYPE_CHECKING:
    from millwright.workspace.worker_settings import WorkerSettings


class Until(StrEnum):
    """How long a worker works."""

    STOPPED = "stopped"  # until somebody stops it
    DRAINED = "drained"  # until nothing is due any more
    ONE_RUN = "one run"  # until the one run that it took has ended; at once when nothing is due


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerOptions:
    """How a worker works.

    Attributes:
        concurrency: How many runs at once, each in a process of its own.
        poll_s: How often it looks into the queue while nothing tells it to, and at schedules and triggers.
        lease_s: So long after the death of a worker another one takes up its runs; renewed three times as often.
        grace_s: How long runs may go on once it is asked to stop; then they are handed back.
        cancel_grace_s: How long a run may take to end once it is to be stopped; then its process is.
        max_attempts: A run that was taken up so often has failed.
        backoff_s: Rest after the first attempt whose process died; doubled after each further one, at most 10 minutes.
        limits: How many queued runs at once, over all workers.
        lost_after: See `Sweep`.
        until: When it leaves by itself.
    """

    concurrency: int = 1
    poll_s: float = 1.0
    lease_s: float = 30.0
    grace_s: float = 30.0
    cancel_grace_s: float = 10.0
    max_attempts: int = 5
    backoff_s: float = 1.0
    limits: RunLimits = field(default_factory=RunLimits)
    lost_after: timedelta = DEFAULT_LOST_AFTER
    until: Until = Until.STOPPED

    def __post_init__(self) -> None:
        for name in ("concurrency", "max_attempts"):
            if getattr(self, name) < 1:
                raise InvalidInputError(f"Expected a worker's {name} to be 1 or more, found {getattr(self, name)}.")
        for name in ("poll_s", "lease_s"):
            if getattr(self, name) <= 0:
                raise InvalidInputError(f"Expected a worker's {name} to be above 0, found {getattr(self, name)}.")

    def rest(self, attempts: int) -> timedelta:
        """The rest before the next attempt.

        Args:
            attempts: Made so far, ≥ 1.
        """
        return timedelta(seconds=min(600.0, self.backoff_s * 2.0 ** min(attempts - 1, 30)))


def worker_options(section: WorkerSettings, *, until: Until = Until.STOPPED) -> WorkerOptions:
    """The settings of workers, in the form that they take."""
    return WorkerOptions(
        concurrency=section.concurrency,
        poll_s=section.poll_seconds,
        lease_s=section.lease_seconds,
        grace_s=section.grace_seconds,
        cancel_grace_s=section.cancel_grace_seconds,
        max_attempts=section.max_attempts,
        backoff_s=section.backoff_seconds,
        limits=RunLimits(total=section.max_runs, each=section.max_runs_each, of=dict(section.max_runs_of)),
        lost_after=timedelta(hours=section.lost_after_hours),
        until=until,
    )
