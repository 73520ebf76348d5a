"""Attribution: which features explain that a window differs, and that the model does worse on it.

| module       | holds                                                                             |
|--------------|-----------------------------------------------------------------------------------|
| `settings`   | how much is looked at                                                             |
| `importance` | how much each feature matters to the model                                        |
| `drift`      | drifted features ranked by drift times importance                                 |
| `feature_bin` | a feature of both sides cut into the same parts                                  |
| `loss`       | what of a change of the loss is due to which rows: their mix, and how they fared  |
| `novelty`    | whether rows that are new to the model are those that it errs on                  |

Paths: `attribute_drift` (from drift records and importances); `attribute_loss` → `cut_feature`; `compare_novelty`.
"""

from __future__ import annotations

from millwright.monitoring.attribution.drift import DriftShare, attribute_drift, example_rows
from millwright.monitoring.attribution.importance import Importances, reference_importances, report_importances
from millwright.monitoring.attribution.loss import BinLoss, FeatureLoss, LossAttribution, LossSide, attribute_loss
from millwright.monitoring.attribution.novelty import Novelty, compare_novelty
from millwright.monitoring.attribution.settings import AttributionSettings

__all__ = [
    "AttributionSettings",
    "BinLoss",
    "DriftShare",
    "FeatureLoss",
    "Importances",
    "LossAttribution",
    "LossSide",
    "Novelty",
    "attribute_drift",
    "attribute_loss",
    "compare_novelty",
    "example_rows",
    "reference_importances",
    "report_importances",
]
