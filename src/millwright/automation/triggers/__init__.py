"""Triggers: pipelines that run when something happens.

| module     | holds                                                                                    |
|------------|------------------------------------------------------------------------------------------|
| `triggers` | triggers made of a pipeline's `on=[…]`, paused and removed, each with its audit entry      |
| `watch`    | looks at datasets, code and alerts, and puts into the queue what follows                   |
| `answer`   | runs that answer alerts: alerts taken on, and the decision when the run has ended           |
| `call`     | runs that somebody asks for: with a webhook's token, or by the name of a pipeline          |
| `position` | how far a trigger on alerts has looked                                                    |

Path of a run: `TriggerWatch.fire_due` (what is new since the trigger's position) → one transaction: `TriggerStore.move`
(one of several workers wins), `RunQueueStore.enqueue`, `AuditStore.append`.
"""

from __future__ import annotations

from millwright.automation.triggers.answer import Answers
from millwright.automation.triggers.call import Calls
from millwright.automation.triggers.triggers import Triggers
from millwright.automation.triggers.watch import TriggerWatch

__all__ = ["Answers", "Calls", "TriggerWatch", "Triggers"]
