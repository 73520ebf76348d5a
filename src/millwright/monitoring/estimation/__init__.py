"""Performance before labels are known: what the model's own answers say about how good they are.

| module        | holds                                                                                   |
|---------------|-----------------------------------------------------------------------------------------|
| `calibration` | scores brought to mean what they say, where the reference shows that they don't         |
| `confidence`  | classification: metrics expected from calibrated probabilities (CBPE)                   |
| `loss`        | regression: metrics expected from errors that a second model predicts (DLE)             |
| `estimate`    | what comes of either                                                                    |
| `window`      | the one that fits a version, for windows of its prediction log                          |

Both assume that what the target depends on has not changed: they see what drift of the inputs does to performance, and
never that the world answers otherwise than it did (concept drift). For that, labels are needed.
"""

from __future__ import annotations

from millwright.monitoring.estimation.confidence import ConfidenceEstimator
from millwright.monitoring.estimation.estimate import Estimate
from millwright.monitoring.estimation.loss import LossEstimator
from millwright.monitoring.estimation.window import WindowEstimator, window_estimator

__all__ = ["ConfidenceEstimator", "Estimate", "LossEstimator", "WindowEstimator", "window_estimator"]
