"""Monitoring as predictions come in: the log is folded into summaries by hour and day, and questions read these.

| module     | holds                                                                             |
|------------|-----------------------------------------------------------------------------------|
| `monitor`  | follows endpoints: one step folds what is new                                     |
| `follower` | finds segments that no summary holds, and folds each of them once                 |
| `counting` | tables of the log as summaries by hour and day                                    |
| `known`    | the cells of versions, or why there are none                                      |
| `span`     | what one version was asked and answered in an hour or a day                       |
| `latency`  | how long answers took, as counts in fixed cells                                   |
| `query`    | drift, throughput and latency of any range of time                                |
| `status`   | how far the log is folded                                                         |

Path of a row: `LiveMonitor.step` → `Follower.fold` → `count_tables` → `TableGrid.summarize`; then `SummaryStore.put`.
"""

from __future__ import annotations

from millwright.monitoring.live.follower import FoldResult, FollowerOptions
from millwright.monitoring.live.monitor import LiveMonitor, LiveOptions
from millwright.monitoring.live.query import HourTraffic, LiveDrift, LiveQuery
from millwright.monitoring.live.status import LiveStatus

__all__ = [
    "FoldResult",
    "FollowerOptions",
    "HourTraffic",
    "LiveDrift",
    "LiveMonitor",
    "LiveOptions",
    "LiveQuery",
    "LiveStatus",
]
