"""The queue of runs: asked for, stopped, and ended when nobody can go on with them.

| module     | holds                                                                            |
|------------|----------------------------------------------------------------------------------|
| `queue`    | adds requests and stops runs, each with its entry in the audit log                |
| `closing`  | the record of a run that ended without its process: run, steps, tracked runs      |
| `sweep`    | what workers left behind: too many attempts, machines that never came back        |

Path of a request: `RunQueue.enqueue` → one transaction: `RunQueueStore.enqueue`, `AuditStore.append`. Whoever executes
it is in `workspace.worker`.
"""

from __future__ import annotations

from millwright.automation.queue.queue import Ask, RunQueue
from millwright.automation.queue.sweep import Sweep

__all__ = ["Ask", "RunQueue", "Sweep"]
