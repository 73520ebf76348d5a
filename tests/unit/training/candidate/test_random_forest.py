from __future__ import annotations

from millwright.training.candidate import random_forest
from millwright.training.candidate.candidate import Setting


def test_forest_is_grown_with_the_parameters_and_not_scaled() -> None:
    setting = Setting(numbers=(0,), categories=(), seed=9)
    for candidate in (random_forest.CLASSIFIER, random_forest.REGRESSOR):
        pipeline = candidate.build(candidate.defaults, setting)

        assert (pipeline[-1].n_estimators, pipeline[-1].max_features, pipeline[-1].random_state) == (100, 0.2, 9)
        assert "scale" not in dict(pipeline[0].transformers[0][1].steps)
