from __future__ import annotations

import numpy as np
import pytest

from millwright.training.candidate.candidate import Setting
from millwright.training.candidate.support_vector_machine import CLASSIFIER, REGRESSOR


def test_radial_kernel_is_capped_far_below_the_linear_one() -> None:
    assert CLASSIFIER.max_rows({"kernel": "rbf"}) == 2_000
    assert CLASSIFIER.max_rows({"kernel": "linear"}) == 50_000


def test_classifier_gives_probabilities_with_either_kernel() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(60, 2)).astype(np.float32)
    for kernel in ("linear", "rbf"):
        pipeline = CLASSIFIER.build({"kernel": kernel, "C": 1.0}, Setting(numbers=(0, 1), categories=(), seed=0))
        shares = pipeline.fit(rows, (rows[:, 0] > 0).astype(int)).predict_proba(rows)

        np.testing.assert_allclose(shares.sum(axis=1), 1)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_regressor_learns_the_same_in_any_unit_of_the_target(kernel: str) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(80, 2)).astype(np.float32)
    goal = rows[:, 0] + 0.1 * random.normal(size=80)
    params = {"kernel": kernel, "C": 1.0, "epsilon": 0.1}

    def answers(unit: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        setting = Setting(numbers=(0, 1), categories=(), seed=0, target_scale=float(np.std(goal * unit)))
        found = REGRESSOR.build(params, setting).fit(rows, goal * unit).predict(rows)
        return np.asarray(found / unit, dtype=np.float64)

    np.testing.assert_allclose(answers(1e5), answers(1.0), atol=0.02)
