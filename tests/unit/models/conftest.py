"""A small raw table with every kind of column, and models fitted on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.models.encoder import Encoder
from millwright.models.example import json_rows
from millwright.models.model import Model
from millwright.models.signature import Signature
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 240


@pytest.fixture(scope="session")
def frame() -> pl.DataFrame:
    """Raw inputs with awkward names: numbers with and without nulls, a boolean, categories, dates, free text."""
    random = np.random.default_rng(7)
    amount = random.normal(50, 20, ROWS)
    return pl.DataFrame(
        {
            "amount of $": [None if random.random() < 0.1 else float(value) for value in amount],
            "floors.count": random.integers(1, 30, ROWS),
            "is 'big'": amount > 50,
            "borough\n": random.choice(["Bronx", "Queens", "Königsberg"], ROWS),
            "__start": [date(2024, 1, 1) + timedelta(days=int(day)) for day in random.integers(0, 700, ROWS)],
            "note": [f"{'words ' * int(count)}{index}" for index, count in enumerate(random.integers(1, 9, ROWS))],
        }
    ).with_columns(
        pl.when(pl.col("floors.count") % 7 == 0).then(None).otherwise(pl.col("borough\n")).alias("borough\n")
    )


@pytest.fixture(scope="session")
def target(frame: pl.DataFrame) -> pl.Series:
    """Two classes that depend on the inputs, with noise."""
    random = np.random.default_rng(3)
    score = frame["amount of $"].fill_null(50) / 20 + (frame["borough\n"] == "Bronx").fill_null(value=False).cast(float)
    return (score + pl.Series(random.normal(size=ROWS)) > 2.8).alias("late")


@pytest.fixture(scope="session")
def signature(frame: pl.DataFrame, target: pl.Series) -> Signature:
    """Of the two-class problem."""
    return Signature.infer(frame, target, Task.BINARY)


@pytest.fixture(scope="session")
def encoder(frame: pl.DataFrame, signature: Signature) -> Encoder:
    """Fitted on the table."""
    return Encoder.fit(frame, signature)


@pytest.fixture(scope="session")
def make_model(frame: pl.DataFrame, target: pl.Series, signature: Signature, encoder: Encoder) -> Callable[..., Model]:
    """Fits any estimator behind imputing, scaling (unless told not to) and one-hot."""

    def make(estimator: Any, *, scale: bool = True, goal: pl.Series | None = None, task: Task = Task.BINARY) -> Model:
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        values = target if goal is None else goal
        mine = replace(Signature.infer(frame, values, task), inputs=signature.inputs)
        codes = {label: code for code, label in enumerate(mine.classes)}
        numbers = values.to_list() if task is Task.REGRESSION else [codes[value] for value in values.to_list()]
        steps = [("impute", SimpleImputer(strategy="median", keep_empty_features=True))]
        if scale:
            steps.append(("scale", StandardScaler()))
        prepare = ColumnTransformer(
            [
                ("numbers", Pipeline(steps), list(encoder.number_indexes)),
                (
                    "categories",
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32),
                    list(encoder.category_indexes),
                ),
            ],
            sparse_threshold=0,
        )
        pipeline = Pipeline([("prepare", prepare), ("model", estimator)])
        pipeline.fit(encoder.encode(frame, signature), np.array(numbers))
        return Model(estimator=pipeline, signature=mine, encoder=encoder, example=json_rows(frame.head(3), signature))

    return make


@pytest.fixture(scope="session")
def model(make_model: Callable[..., Model]) -> Model:
    """A fitted logistic regression."""
    from sklearn.linear_model import LogisticRegression

    return make_model(LogisticRegression(max_iter=500))


@pytest.fixture(scope="session")
def tree_model(make_model: Callable[..., Model]) -> Model:
    """A fitted decision tree."""
    from sklearn.tree import DecisionTreeClassifier

    return make_model(DecisionTreeClassifier(max_depth=5, random_state=0), scale=False)
