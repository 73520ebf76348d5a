from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics import regression


def test_all_gives_every_metric():
    assert list(regression.all([1.0, 2.0, 4.0], [1.0, 2.5, 3.0])) == ["rmse", "mae", "r2", "mape", "median_ae"]


def test_all_leaves_out_what_is_undefined():
    assert list(regression.all([0.0, 0.0], [1.0, 2.0])) == ["rmse", "mae", "median_ae"]


def test_all_refuses_no_rows():
    with pytest.raises(InvalidInputError, match="at least one row"):
        regression.all([], [])
