from __future__ import annotations

from millwright.training.candidate import k_nearest_neighbors
from millwright.training.candidate.candidate import Setting


def test_neighbors_are_scaled_searched_by_brute_force_and_capped() -> None:
    setting = Setting(numbers=(0,), categories=(), seed=0)
    for candidate in (k_nearest_neighbors.CLASSIFIER, k_nearest_neighbors.REGRESSOR):
        pipeline = candidate.build({"n_neighbors": 7}, setting)

        assert (pipeline[-1].n_neighbors, pipeline[-1].algorithm, pipeline[-1].weights) == (7, "brute", "uniform")
        assert "scale" in dict(pipeline[0].transformers[0][1].steps)
        assert candidate.max_rows({}) == 10_000
