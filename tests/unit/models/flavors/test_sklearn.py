from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError, UnsafeArtifactError
from millwright.models.flavors.sklearn import dump_estimator, load_estimator

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.models.model import Model


def _estimators() -> list[Any]:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC, LinearSVC

    return [
        LogisticRegression(),
        RandomForestClassifier(5, random_state=0),
        HistGradientBoostingClassifier(max_iter=5, random_state=0),
        KNeighborsClassifier(5, algorithm="brute"),
        GaussianNB(),
        CalibratedClassifierCV(SVC(random_state=0), cv=2, ensemble=False),
        CalibratedClassifierCV(LinearSVC(random_state=0), cv=2, ensemble=False),
        DummyClassifier(),
        MLPClassifier((4,), tol=1.0, random_state=0),
        MLPClassifier((4,), solver="sgd", tol=1.0, random_state=0),
    ]


@pytest.mark.parametrize("estimator", _estimators(), ids=lambda estimator: repr(estimator)[:40])
def test_estimator_survives_storing_and_is_the_same_to_the_byte(
    estimator: Any, make_model: Callable[..., Model]
) -> None:
    model = make_model(estimator)
    data = dump_estimator(model.estimator)
    columns = len(model.encoder.columns)
    found = load_estimator(data, columns=columns, classes=2)
    rows = np.random.default_rng(0).normal(size=(20, columns)).astype(np.float32)

    assert dump_estimator(found) == data
    np.testing.assert_array_equal(found.predict_proba(rows), model.estimator.predict_proba(rows))


def test_estimator_with_a_function_inside_is_refused_on_loading() -> None:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer
    from skops.io import dumps

    data = dumps(Pipeline([("f", FunctionTransformer(np.log1p))]))

    with pytest.raises(UnsafeArtifactError, match="FunctionNode"):
        load_estimator(data, columns=1, classes=0)


def test_estimator_of_a_foreign_type_is_refused_on_loading() -> None:
    from skops.io import dumps

    with pytest.raises(UnsafeArtifactError, match="not scikit-learn's"):
        load_estimator(dumps(_Foreign()), columns=1, classes=0)


class _Foreign:
    def __init__(self) -> None:
        self.values = [1, {2}]


def test_scikit_learn_type_that_is_not_on_the_list_is_refused_on_loading() -> None:
    from sklearn.gaussian_process import GaussianProcessClassifier
    from skops.io import dumps

    rows = np.random.default_rng(0).normal(size=(20, 2))
    data = dumps(GaussianProcessClassifier().fit(rows, rows[:, 0] > 0))

    with pytest.raises(UnsafeArtifactError, match="does not load"):
        load_estimator(data, columns=2, classes=2)


def test_estimator_that_cannot_be_stored_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidInputError, match="cannot be stored without pickle"):
        dump_estimator(io.StringIO())


def test_bytes_that_are_no_skops_file_are_damaged() -> None:
    with pytest.raises(IntegrityError, match="a scikit-learn estimator as a skops file"):
        load_estimator(b"nothing", columns=1, classes=0)
