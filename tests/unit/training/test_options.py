from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.training.options import TuningOptions


@pytest.mark.parametrize(
    "wrong", [{"trials": 0}, {"folds": 1}, {"folds": 2.5}, {"seed": -1}, {"parallel": 0}, {"max_fit_rows": True}]
)
def test_option_out_of_range_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=f"Expected {next(iter(wrong))} as an integer of"):
        TuningOptions(**wrong)


def test_options_have_defaults_that_are_in_range() -> None:
    assert TuningOptions().folds == 5
