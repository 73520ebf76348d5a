"""What keeps retraining within bounds, whoever asks for it: by hand, a trigger of a pipeline, or a declared monitor.

| module        | holds                                                                                        |
|---------------|----------------------------------------------------------------------------------------------|
| `limits`      | how often, for how much money, and when; what a better model is worth                        |
| `quiet_hours` | times of the week in which nothing begins                                                    |
| `ledger`      | what the audit log holds of a model's retrainings: begun, ended, not done                    |
| `cost`        | what runs have cost, as measured                                                             |
| `gain`        | what a retraining is expected to bring, against its cost                                     |
| `permit`      | all of it asked: whether a retraining may begin now, and why not                             |

Everything is counted per model from the audit log, so that restarts and crashes reset nothing, and so that the ways
in which a retraining begins share one count.
"""

from __future__ import annotations

from millwright.automation.limits.limits import Limits, Worth
from millwright.automation.limits.permit import Permits, Refusal
from millwright.automation.limits.quiet_hours import QuietHours

__all__ = ["Limits", "Permits", "QuietHours", "Refusal", "Worth"]
