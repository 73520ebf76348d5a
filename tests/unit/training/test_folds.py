from __future__ import annotations

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError
from millwright.training.folds import plan_folds

_CLASSES = np.repeat([0, 1], [60, 30])
_GROUPS = np.arange(90) % 18


def test_each_row_is_judged_once_and_class_shares_are_kept() -> None:
    folds = plan_folds(_CLASSES, folds=5, seed=0, is_classification=True)

    judged = np.concatenate([judge for _, judge in folds.pairs])
    assert sorted(judged) == list(range(90))
    assert all(_CLASSES[judge].sum() == 6 for _, judge in folds.pairs)
    assert (folds.scheme, folds.note) == ("stratified", "")


@pytest.mark.parametrize("is_classification", [True, False])
def test_groups_never_stand_on_both_sides(*, is_classification: bool) -> None:
    folds = plan_folds(_CLASSES, folds=5, seed=0, is_classification=is_classification, groups=_GROUPS)

    for fit, judge in folds.pairs:
        assert set(_GROUPS[fit]).isdisjoint(_GROUPS[judge])


def test_fewer_folds_are_made_when_a_class_is_rare_and_it_is_said() -> None:
    folds = plan_folds(np.repeat([0, 1], [60, 3]), folds=5, seed=0, is_classification=True)

    assert len(folds.pairs) == 3
    assert folds.note == "3 folds instead of 5: the rarest class has 3 rows"


def test_fewer_folds_are_made_when_there_are_few_groups() -> None:
    folds = plan_folds(np.arange(90.0), folds=5, seed=0, is_classification=False, groups=np.arange(90) % 3)

    assert folds.note == "3 folds instead of 5: there are 3 groups"


def test_one_group_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="needs at least two groups"):
        plan_folds(np.arange(9.0), folds=5, seed=0, is_classification=False, groups=np.zeros(9))
