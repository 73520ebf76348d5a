"""Alerts that people can live with: when one is raised, when it is over, and when nobody wants to hear of it.

| module      | holds                                                                          |
|-------------|--------------------------------------------------------------------------------|
| `rules`     | after how many findings an alert is raised, and after how many clean checks it ends |
| `clearance` | whether a check shows that the cause of an alert is gone                        |
| `concern`   | whose alerts a declared monitor's channels and action are for                   |
| `succession` | whether an alert is over since another version answers than the one that it is about |
| `silence`   | adds and ends silences                                                          |
| `endpoint`  | refuses names of endpoints that there are not                                   |

`monitoring.alert` raises and changes alerts by these. Who is told of them, and how, is `automation.notification`'s.
"""

from __future__ import annotations

from millwright.monitoring.alerting.clearance import is_over
from millwright.monitoring.alerting.concern import concerns
from millwright.monitoring.alerting.endpoint import require_endpoint
from millwright.monitoring.alerting.rules import AlertRules
from millwright.monitoring.alerting.silence import SilenceDraft, Silences
from millwright.monitoring.alerting.succession import succession

__all__ = ["AlertRules", "SilenceDraft", "Silences", "concerns", "is_over", "require_endpoint", "succession"]
