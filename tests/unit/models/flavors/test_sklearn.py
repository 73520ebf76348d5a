from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from millwright.core.errors import IntegrityError, InvalidInputError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.flavors.sklearn import dump_estimator, load_estimator
from millwright.models.package import pack, unpack
from unit.models.numbers import goal, matrix_of, numeric_rows

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


_WARM = {"warm_start": True, "random_state": 3}
_GOING_ON = {
    "forest": lambda: RandomForestClassifier(10, **_WARM),
    "forest with a state of its own": lambda: RandomForestClassifier(
        10, warm_start=True, random_state=np.random.RandomState(3)
    ),
    "forest of numbers": lambda: RandomForestRegressor(10, **_WARM),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=10, **_WARM),
    "histograms": lambda: HistGradientBoostingClassifier(max_iter=10, **_WARM),
    "bagging": lambda: BaggingClassifier(n_estimators=5, **_WARM),
    "coefficients": lambda: LogisticRegression(warm_start=True, max_iter=200),
    "network": lambda: MLPClassifier((6,), max_iter=3, **_WARM),
    "pipeline": lambda: make_pipeline(StandardScaler(), RandomForestClassifier(10, **_WARM)),
    "stochastic descent": lambda: SGDClassifier(loss="log_loss", random_state=3),
    "network by parts": lambda: MLPClassifier((6,), random_state=3),
    "bayes": GaussianNB,
}


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("kind", list(_GOING_ON))
def test_estimator_goes_on_from_a_package_to_the_last_bit_as_without_the_detour(kind: str) -> None:
    """With texts as classes, random state, and what optimizers keep."""
    by_parts = kind in {"stochastic descent", "network by parts", "bayes"}
    rows = numeric_rows(nulls=False)
    matrix, codes = matrix_of(rows), goal(rows, "numbers" if "numbers" in kind else "three")
    target = codes if "numbers" in kind else np.array(["early", "late", "never"])[codes]

    def teach(estimator: Any, begin: int, end: int) -> None:
        last = estimator[-1] if hasattr(estimator, "steps") else estimator
        for name in ("n_estimators", "max_iter"):
            if begin and name in last.get_params() and "network" not in kind:
                last.set_params(**{name: last.get_params()[name] + 5})
        if by_parts:
            known = {"classes": np.unique(target)} if not begin else {}
            estimator.partial_fit(matrix[begin:end], target[begin:end], **known)
        else:
            estimator.fit(matrix[begin:end], target[begin:end])

    straight = _GOING_ON[kind]()
    teach(straight, 0, 300)
    detour = unpack(pack(adopt(straight, rows, target="when"))).native()
    for estimator in (straight, detour):
        teach(estimator, 300, 600)

    assert type(detour) is type(straight)
    asked = [each.predict_proba(matrix) if hasattr(each, "predict_proba") else each.predict(matrix)
             for each in (straight, detour)]  # fmt: skip
    np.testing.assert_array_equal(asked[1], asked[0])
    assert detour.predict(matrix).tolist() == straight.predict(matrix).tolist()
