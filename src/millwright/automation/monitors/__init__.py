"""Monitors that a project declares, checked by themselves.

| module        | holds                                                                                 |
|---------------|---------------------------------------------------------------------------------------|
| `declaration` | one of them: what is watched, how often, how it is judged                             |
| `history`     | what was declared when, and by whom: in the audit log, written when it changes        |
| `failure`     | tells of those that cannot be checked, until they can                                 |
| `departure`   | ends the alerts of those that are gone                                                |
| `round`       | checks those that are due, each once per interval, over all workers                   |

Path: `MonitorRound.check_due` → `LeaseStore.acquire` (one worker per interval) → `Monitor.check` → report, alerts.
"""

from __future__ import annotations

from millwright.automation.monitors.declaration import Declaration
from millwright.automation.monitors.departure import end_departed
from millwright.automation.monitors.failure import FailedChecks, failed_check
from millwright.automation.monitors.history import DeclarationHistory
from millwright.automation.monitors.round import MonitorRound

__all__ = [
    "Declaration",
    "DeclarationHistory",
    "FailedChecks",
    "MonitorRound",
    "end_departed",
    "failed_check",
]
