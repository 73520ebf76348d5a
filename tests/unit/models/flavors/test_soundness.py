from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import UnsafeArtifactError
from millwright.models.flavors.soundness import check_soundness
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from millwright.models.model import Model

COLUMNS = 9


def test_estimator_is_sound_as_training_made_it(tree_model: Model) -> None:
    check_soundness(tree_model.estimator, columns=COLUMNS, classes=2)


def test_estimator_is_refused_when_it_is_no_pipeline(tree_model: Model) -> None:
    with pytest.raises(UnsafeArtifactError, match="Expected a scikit-learn Pipeline"):
        check_soundness(tree_model.estimator[-1], columns=COLUMNS, classes=2)


@pytest.mark.parametrize(("columns", "classes"), [(COLUMNS + 1, 2), (COLUMNS, 3)])
def test_estimator_is_refused_when_it_is_for_other_columns_or_classes(
    tree_model: Model, columns: int, classes: int
) -> None:
    with pytest.raises(UnsafeArtifactError, match="does not fit together"):
        check_soundness(tree_model.estimator, columns=columns, classes=classes)


def test_tree_is_refused_when_it_looks_at_more_features_than_its_estimator_takes(tree_model: Model) -> None:
    broken = deepcopy(tree_model.estimator)
    broken[-1].n_features_in_ -= 1

    with pytest.raises(UnsafeArtifactError, match="a tree of"):
        check_soundness(broken, columns=COLUMNS, classes=2)


def test_boosted_tree_is_refused_when_it_looks_at_a_column_that_is_not_there(make_model: Callable[..., Model]) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    broken = deepcopy(make_model(HistGradientBoostingClassifier(max_iter=2), scale=False).estimator)
    broken[-1]._predictors[0][0].nodes["feature_idx"][0] = 500

    with pytest.raises(UnsafeArtifactError, match="a column that is not there"):
        check_soundness(broken, columns=COLUMNS, classes=2)


def test_support_vectors_are_refused_when_their_counts_do_not_agree(make_model: Callable[..., Model]) -> None:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import SVC

    broken = deepcopy(make_model(CalibratedClassifierCV(SVC(), cv=2, ensemble=False)).estimator)
    machine = broken[-1].calibrated_classifiers_[0].estimator
    machine._n_support[0] += 1_000

    with pytest.raises(UnsafeArtifactError, match="counts don't agree"):
        check_soundness(broken, columns=COLUMNS, classes=2)


def test_regression_support_vectors_are_sound_as_training_made_them(
    make_model: Callable[..., Model], frame: pl.DataFrame
) -> None:
    from sklearn.svm import SVR

    goal = frame["floors.count"].cast(float).alias("y")

    check_soundness(make_model(SVR(), goal=goal, task=Task.REGRESSION).estimator, columns=COLUMNS, classes=0)
