"""Automation: what follows from an alert or from new data, without a hand in it, and a written decision at the end.

| module       | holds                                                                                      |
|--------------|--------------------------------------------------------------------------------------------|
| `trigger`    | what starts which pipeline for which model, and how often it may                           |
| `policy`     | all triggers of a project; whether one may fire now                                        |
| `outcome`    | what a finished run means for the champion, and why, gate by gate                          |
| `retraining` | runs a pipeline for an alert, within limits                                                |
| `failure`    | alerts of retrainings that failed by themselves                                            |
| `decision`   | what follows from a retraining's beginning and end: alerts, decision, audit log, events    |
| `queue`      | runs that wait for a worker: asked for, stopped, ended when nobody can go on with them     |
| `schedules`  | pipelines that run at certain times                                                        |
| `triggers`   | pipelines that run on new data, changed code, alerts and calls                             |
| `delivery`   | events brought to webhooks                                                                 |

Path: `Retrainer.handle` → `RetrainingPolicy` (may it?) → `PipelineLauncher.launch` (whoever runs pipelines) →
`judge` → one transaction: `MonitorStore.append_decision`, `set_alert_state`, `AuditStore.append` → event.

A run is started by at most one process at a time (a lease per trigger), and at most so often as the trigger allows,
counted from the audit log: restarts and crashes do not reset the count.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millwright.automation.policy import RetrainingPolicy
    from millwright.automation.retraining import PipelineLauncher, Retrainer
    from millwright.automation.trigger import Trigger

__all__ = ["PipelineLauncher", "Retrainer", "RetrainingPolicy", "Trigger"]

# Loaded on use: the process of each queued run needs the queue, and not what retraining stands on.
_LAZY = {
    "PipelineLauncher": "millwright.automation.retraining",
    "Retrainer": "millwright.automation.retraining",
    "RetrainingPolicy": "millwright.automation.policy",
    "Trigger": "millwright.automation.trigger",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'millwright.automation' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
