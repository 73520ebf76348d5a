"""How far the prediction log of an endpoint is folded, and what came in lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.records.summary import SummarySpan
from millwright.monitoring.live.follower import unfolded_segments
from millwright.monitoring.live.query import HourTraffic
from millwright.monitoring.live.span import begin_of

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.monitoring.live.query import LiveQuery
    from millwright.storage.catalog import Stores

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveStatus:
    """An endpoint's log and its summaries.

    Attributes:
        rows: Predictions folded so far.
        last_at: The newest of them; None when nothing was folded.
        folded_at: When something was folded last.
        folded_until: All predictions before this moment are folded, but for those that come late; None when the log
            is empty.
        pending: Segments that are not folded yet.
        lag_s: Seconds since the oldest id in these; 0 when there are none.
        hours: Rows and latencies of the last 24 hours with some.
    """

    endpoint: str
    rows: int
    last_at: datetime | None
    folded_at: datetime | None
    folded_until: datetime | None
    pending: int
    lag_s: float
    hours: tuple[HourTraffic, ...] = ()


def live_status(endpoint: str, stores: Stores, query: LiveQuery, clock: Clock) -> LiveStatus:
    """What is known of an endpoint; names of segments are read, and no row.

    Args:
        endpoint: Whose; one that has no predictions has zeros.
        stores: The log and its summaries.
        query: Tells the traffic of hours.
        clock: Tells what lags.
    """
    now = clock.now()
    unfolded = unfolded_segments(stores, endpoint)
    oldest = min((stores.predictions.segment_times(name)[0] for name in unfolded), default=None)
    fold = stores.summaries.find_fold(endpoint)
    hour = begin_of(now, SummarySpan.HOUR)
    return LiveStatus(
        endpoint=endpoint,
        rows=fold.rows if fold else 0,
        last_at=fold.last_at if fold else None,
        folded_at=fold.folded_at if fold else None,
        folded_until=oldest or (now if fold else None),
        pending=len(unfolded),
        lag_s=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        hours=tuple(query.traffic(endpoint, start=hour - _DAY + timedelta(hours=1), end=now)),
    )
