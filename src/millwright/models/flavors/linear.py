"""Which scikit-learn pipelines are sums of a function for each column."""

from __future__ import annotations

from typing import Any

# The predictions of these are their scores; generalized linear models (Poisson, Gamma, Tweedie) answer exponentials.
_REGRESSORS = {
    "ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "HuberRegressor", "Lars", "LarsCV", "Lasso",
    "LassoCV", "LassoLars", "LassoLarsCV", "LassoLarsIC", "LinearRegression", "LinearSVR", "OrthogonalMatchingPursuit",
    "QuantileRegressor", "Ridge", "RidgeCV", "SGDRegressor", "TheilSenRegressor",
}  # fmt: skip
_CLASSIFIERS = {"LinearDiscriminantAnalysis", "LogisticRegression", "LogisticRegressionCV", "SGDClassifier"}
# What comes out of these depends on one column each.
_BY_COLUMN = {
    "KBinsDiscretizer", "MaxAbsScaler", "MinMaxScaler", "OneHotEncoder", "OrdinalEncoder", "PowerTransformer",
    "QuantileTransformer", "RobustScaler", "SimpleImputer", "SplineTransformer", "StandardScaler",
}  # fmt: skip


def is_linear(pipeline: Any) -> bool:
    """Whether a fitted pipeline ends in a linear model, behind steps that take each column by itself.

    Args:
        pipeline: Of scikit-learn's own parts.
    """
    *before, (_, last) = pipeline.steps
    return type(last).__name__ in _REGRESSORS | _CLASSIFIERS and all(_by_column(step) for _, step in before)


def _by_column(step: Any) -> bool:
    if step is None or step in ("drop", "passthrough"):
        return True
    name = type(step).__name__
    if name == "Pipeline":
        return all(_by_column(each) for _, each in step.steps)
    if name == "ColumnTransformer":
        return all(_by_column(each) for _, each, _ in step.transformers_)
    if name == "FunctionTransformer":  # as which a column transformer passes its remainder through
        return step.func is None
    return name in _BY_COLUMN
