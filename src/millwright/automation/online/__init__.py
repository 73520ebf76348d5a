"""Online learning: a model of River learns from labels as they arrive, and its versions say how well.

| module        | holds                                                                                       |
|---------------|---------------------------------------------------------------------------------------------|
| `declaration` | which model learns, from which endpoint, and what guards it                                  |
| `stream`      | the labelled predictions behind a position, in the order in which the labels were recorded   |
| `prequential` | the score of answers given before their labels were learnt, over a sliding window            |
| `snapshot`    | a version of the registry with the position up to which it has learnt                        |
| `ledger`      | when learning was held and taken up again, as the audit log tells                            |
| `learner`     | joins all of these: one step                                                                 |

Path: `OnlineLearner.step` → `LabelStream.after` → answer, score, learn → `snapshot.save` → `Registry.register`.

Model and position are one record, the version: what was learnt and not kept is learnt again after a crash, from the
same labels in the same order, so that each label counts once in what is kept.
"""

from __future__ import annotations

from millwright.automation.online.declaration import OnlineLearning
from millwright.automation.online.learner import OnlineLearner, OnlineStatus

__all__ = ["OnlineLearner", "OnlineLearning", "OnlineStatus"]
