from __future__ import annotations

import numpy as np

from millwright.training.candidate.candidate import Setting
from millwright.training.candidate.elastic_net import REGRESSOR


def test_elastic_net_learns_the_same_in_any_unit_of_the_target() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(80, 4)).astype(np.float32)
    goal = rows[:, 0] - rows[:, 1] + 0.5 * random.normal(size=80)

    def coefficients(unit: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        setting = Setting(numbers=(0, 1, 2, 3), categories=(), seed=0, target_scale=float(np.std(goal * unit)))
        fitted = REGRESSOR.build({"alpha": 0.1, "l1_ratio": 0.5}, setting).fit(rows, goal * unit)
        return np.asarray(fitted[-1].coef_ / unit, dtype=np.float64)

    np.testing.assert_allclose(coefficients(1e6), coefficients(1.0), atol=1e-3)
