"""Follows the prediction logs of endpoints: one step folds what is new."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from millwright.core.ids import new_id
from millwright.core.process import current_owner
from millwright.monitoring.live.follower import FoldResult, Follower, FollowerOptions
from millwright.monitoring.live.query import LiveQuery
from millwright.monitoring.live.status import LiveStatus, live_status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.monitoring.settings import MonitorSettings
    from millwright.storage.catalog import Stores


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveOptions:
    """How endpoints are followed.

    Attributes:
        budget_s: A step ends after the batch in which this time has passed; what is left is folded by the next.
        lease: So long nobody else follows an endpoint that we have followed; a process of this machine that is gone
            is not waited for.
        follower: How much is folded at once.
    """

    budget_s: float = 10.0
    lease: timedelta = timedelta(seconds=90)
    follower: FollowerOptions = field(default_factory=FollowerOptions)


class LiveMonitor:
    """Folds prediction logs into summaries, and answers questions from these.

    Of several that follow the same endpoint one works, which a lease decides. That is for thrift alone: each segment
    is counted once though the lease ends early.

    Args:
        stores: The log, the summaries, leases, and versions with their references.
        clock: Tells when.
        settings: How drift is decided.
        options: How endpoints are followed.
    """

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        *,
        settings: MonitorSettings | None = None,
        options: LiveOptions | None = None,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._options = options or LiveOptions()
        self._follower = Follower(stores, clock, self._options.follower)
        self._owner = f"{current_owner()}/{new_id()[-8:]}"
        self._held: set[str] = set()
        self.query = LiveQuery(stores, self._follower.known, clock, settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def step(self, endpoints: Collection[str] = ()) -> list[FoldResult]:
        """Fold what is new, for no longer than the budget; to be called again and again, from one thread.

        Args:
            endpoints: Whose; all with predictions when empty.

        Returns:
            One result per endpoint, also of those with nothing new; `pending` tells whether to come back at once.
        """
        give_up = time.monotonic() + self._options.budget_s
        results = []
        for endpoint in sorted(endpoints) or self._stores.predictions.list_endpoints():
            if not self._lead(endpoint):
                holder = self._stores.leases.holder(_lease(endpoint), now=self._clock.now())
                results.append(FoldResult(endpoint=endpoint, held_by=holder or ""))
                continue
            results.append(self._fold(endpoint, self._follower.find(endpoint), give_up))
        return results

    def backfill(
        self, endpoint: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[FoldResult]:
        """Fold what is not folded of a past range, batch by batch, whoever follows the endpoint.

        Args:
            endpoint: Whose.
            start: The first moment; the log's when left out.
            end: The last one, exclusive; now when left out.
        """
        names = self._follower.find(endpoint, start=start, end=end, whole=True)
        while names:
            result = self._follower.fold(endpoint, names)
            names = names[len(names) - result.pending :]
            yield result

    def forget(self, endpoint: str) -> int:
        """Remove an endpoint's summaries, so that its log is folded again.

        Rows that were counted without columns, as their version had no reference then, get them. What is not in the
        log any more is lost.

        Returns:
            How many segments were folded.
        """
        self._follower.rescan(endpoint)
        return self._stores.summaries.forget(endpoint)

    def status(self, endpoint: str) -> LiveStatus:
        """How far an endpoint's log is folded, and its traffic of the last day."""
        return live_status(endpoint, self._stores, self.query, self._clock)

    def close(self) -> None:
        """Let others follow at once."""
        self._stores.leases.release_many([_lease(endpoint) for endpoint in self._held], self._owner)
        self._held.clear()

    def _fold(self, endpoint: str, names: list[str], give_up: float) -> FoldResult:
        result = FoldResult(endpoint=endpoint, pending=len(names))
        while names:
            result = result.add(self._follower.fold(endpoint, names))
            names = names[len(names) - result.pending :]
            if time.monotonic() >= give_up or not self._lead(endpoint):
                break
        if names:
            self._follower.rescan(endpoint)
        return replace(result, pending=len(names))

    def _lead(self, endpoint: str) -> bool:
        now = self._clock.now()
        has = self._stores.leases.take(_lease(endpoint), self._owner, now=now, until=now + self._options.lease)
        (self._held.add if has else self._held.discard)(endpoint)
        return has


def _lease(endpoint: str) -> str:
    return f"live:{endpoint}"
