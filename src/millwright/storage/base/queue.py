"""Runs that wait for a worker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from millwright.core.ids import PipelineRunId
    from millwright.core.records.queue import Claim, RequestState, RunRequest


class RunQueueStore(ABC):
    """The queue: what is asked for once is executed until it ends, by one worker at a time.

    Thread-safe and process-safe; a change is durable when the method returns, or when the surrounding transaction ends.
    Only the worker that has a request, while its lease lasts, may renew, hand back or finish it. Workers of different
    machines compare leases by their own clocks, which must agree to a fraction of a lease.
    """

    @abstractmethod
    def enqueue(self, request: RunRequest) -> RunRequest:
        """Add a request.

        Returns:
            The request, or the one that has its `dedup_key` already, whatever became of it.

        Raises:
            AlreadyExistsError: The id is taken.
            InvalidInputError: Parameters or options hold something else than JSON values.
        """

    @abstractmethod
    def get(self, request_id: PipelineRunId) -> RunRequest:
        """A request; an unambiguous prefix (≥ 6 digits) or suffix (≥ 6) of the id serves as well.

        Raises:
            NotFoundError: There is no such request, or several share the given part.
        """

    @abstractmethod
    def find(self, request_id: PipelineRunId) -> RunRequest | None:
        """The request with that whole id."""

    @abstractmethod
    def list_requests(
        self, *, states: Collection[RequestState] | None = None, name: str | None = None, limit: int = 100
    ) -> list[RunRequest]:
        """Requests, newest first; those of some states, or of one pipeline, when asked for."""

    @abstractmethod
    def count(self, *, ended_before: datetime | None = None) -> Mapping[RequestState, int]:
        """How many requests are in each state; states that none is in are left out.

        Args:
            ended_before: Only those that `purge` would remove with this moment; all when None.
        """

    @abstractmethod
    def claim(self, claim: Claim) -> RunRequest | None:
        """Take a request: one whose worker is gone first, then by priority, then the oldest.

        No request is given twice while its lease lasts, whoever asks at the same moment, and limits hold over all
        workers. Its `attempts` are one more than before.

        Returns:
            The request, now running and owned by the claim's owner; None when there is nothing to do.
        """

    @abstractmethod
    def renew(self, request_ids: Collection[PipelineRunId], owner: str, *, until: datetime) -> Sequence[RunRequest]:
        """Extend leases.

        Returns:
            The requests that `owner` still has, with what was asked of them meanwhile; the others it has lost.
        """

    @abstractmethod
    def hand_back(
        self, request_id: PipelineRunId, owner: str, *, not_before: datetime, counted: bool, error: str | None = None
    ) -> bool:
        """Put a request back into the queue.

        Args:
            request_id: Which one.
            owner: Who has it.
            not_before: It waits until then.
            counted: Whether the attempt counts.
            error: Why, for people.

        Returns:
            False when `owner` does not have it any more: nothing was written.
        """

    @abstractmethod
    def finish(
        self, request_id: PipelineRunId, owner: str, state: RequestState, *, at: datetime, error: str | None = None
    ) -> bool:
        """End a request.

        Args:
            request_id: Which one.
            owner: Who has it.
            state: A final one.
            at: When.
            error: Why it failed.

        Returns:
            False when `owner` does not have it any more: nothing was written.
        """

    @abstractmethod
    def cancel(self, request_id: PipelineRunId, *, by: str, at: datetime) -> RunRequest:
        """Stop a request: one that waits ends at once, one that runs is marked, for its worker to see.

        Returns:
            The request afterwards; one that has ended is given as it is.

        Raises:
            NotFoundError: There is no such request.
        """

    @abstractmethod
    def list_lapsed(self, now: datetime, *, limit: int = 100) -> list[RunRequest]:
        """Running requests whose lease has ended."""

    @abstractmethod
    def expire(self, request_id: PipelineRunId, state: RequestState, *, now: datetime, error: str) -> bool:
        """End a request whose lease has ended.

        Returns:
            False when somebody took it up or ended it meanwhile: nothing was written.
        """

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Remove requests that ended before a moment; how many."""
