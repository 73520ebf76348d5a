from __future__ import annotations

import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from millwright.models.flavors.linear import is_linear


def _columns(step: object) -> ColumnTransformer:
    transformer = ColumnTransformer([("a", step, [0]), ("b", OneHotEncoder(), [1])], remainder="passthrough")
    return transformer.fit([[1.0, 1.0, 2.0], [2.0, 3.0, 4.0]])


@pytest.mark.parametrize(
    ("pipeline", "linear"),
    [
        (make_pipeline(LogisticRegression()), True),
        (make_pipeline(SimpleImputer(), StandardScaler(), Ridge()), True),
        (make_pipeline(_columns(make_pipeline(SimpleImputer(), StandardScaler())), Ridge()), True),
        (Pipeline([("nothing", "passthrough"), ("model", Ridge())]), True),
        (make_pipeline(_columns(PolynomialFeatures()), Ridge()), False),
        (make_pipeline(KNNImputer(), Ridge()), False),
        (make_pipeline(PCA(), Ridge()), False),
        (make_pipeline(PoissonRegressor()), False),
        (make_pipeline(RandomForestClassifier()), False),
    ],
)
def test_linear_is_a_linear_model_behind_steps_that_take_each_column_by_itself(pipeline, linear) -> None:
    assert is_linear(pipeline) is linear
