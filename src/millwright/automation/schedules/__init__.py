"""Schedules: pipelines that run at certain times.

| module      | holds                                                                  |
|-------------|------------------------------------------------------------------------|
| `cron`      | which moments a cron expression means in a time zone                    |
| `schedules` | schedules made, paused and removed, each with its audit entry           |
| `clockwork` | puts into the queue what is due                                          |

Path of a run: `Clockwork.fire_due` → one transaction: `ScheduleStore.advance` (one of several workers wins),
`RunQueueStore.enqueue`, `AuditStore.append`. The queue has one request for each time of a schedule, whoever fires it.
"""

from __future__ import annotations

from millwright.automation.schedules.clockwork import Clockwork
from millwright.automation.schedules.schedules import ScheduleDraft, Schedules

__all__ = ["Clockwork", "ScheduleDraft", "Schedules"]
