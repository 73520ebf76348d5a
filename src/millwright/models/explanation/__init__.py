"""What each column of a row contributed to its prediction.

`explainer.Explainer` asks the flavor for exact contributions (trees of LightGBM and XGBoost, linear models of
scikit-learn) and sums them over the encoded columns of each raw one; for other models `shapley` compares answers.
"""

from __future__ import annotations

from millwright.models.explanation.contribution import Contributions
from millwright.models.explanation.explainer import Explainer, ExplainOptions

__all__ = ["Contributions", "ExplainOptions", "Explainer"]
