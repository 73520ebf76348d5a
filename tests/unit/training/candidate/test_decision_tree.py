from __future__ import annotations

from millwright.training.candidate import decision_tree
from millwright.training.candidate.candidate import Setting


def test_tree_is_grown_with_the_parameters_and_not_scaled() -> None:
    setting = Setting(numbers=(0,), categories=(1,), seed=9)
    for candidate in (decision_tree.CLASSIFIER, decision_tree.REGRESSOR):
        pipeline = candidate.build({"max_depth": 3, "min_samples_leaf": 4}, setting)

        assert (pipeline[-1].max_depth, pipeline[-1].min_samples_leaf, pipeline[-1].random_state) == (3, 4, 9)
        assert "scale" not in dict(pipeline[0].transformers[0][1].steps)
