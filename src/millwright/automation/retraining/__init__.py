"""Retraining: from what happened to a written decision, by hand or by itself.

| module      | holds                                                                                          |
|-------------|------------------------------------------------------------------------------------------------|
| `cause`     | what has happened that a trigger fires on: alerts, new data, time                              |
| `watch`     | looks at a project's triggers, and puts into the queue what follows                            |
| `repetition` | whether a run would only repeat an earlier one, since there is no new data                    |
| `follow_up` | challengers that were left waiting for an approval or a canary, until that is settled          |
| `retrainer` | answers an alert at once, in this process, because a person asks for it                        |

Path by itself: `RetrainingWatch.fire_due` → `find_cause` → `Permits.ask` → one transaction: `RunQueueStore.enqueue`,
`DecisionDesk.begin`; the worker that ends the run calls `Answers.end` → `judge` → `DecisionDesk.decide`.
"""

from __future__ import annotations

from millwright.automation.retraining.follow_up import FollowUp
from millwright.automation.retraining.retrainer import PipelineLauncher, Retrainer, VersionResolver
from millwright.automation.retraining.watch import RetrainingWatch

__all__ = ["FollowUp", "PipelineLauncher", "Retrainer", "RetrainingWatch", "VersionResolver"]
