from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from millwright.core.errors import InvalidInputError
from millwright.models.adoption import adopt
from millwright.models.compile.compilation import compile_model
from millwright.models.package import load_predictor, pack, unpack
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(5, random_state=0),
        HistGradientBoostingClassifier(max_iter=5),
    ],
    ids=["pipeline", "forest", "boosting"],
)
@pytest.mark.parametrize("kind", ["two", "three"])
def test_classifier_of_scikit_learn_keeps_its_answers_and_the_names_of_its_classes(estimator: Any, kind: str) -> None:
    rows = numeric_rows(nulls=False)
    labels = np.array(["early", "late", "never"])[goal(rows, kind)]
    fitted = estimator.fit(matrix_of(rows), labels)

    model = adopt(fitted, rows, target="delay")
    again = unpack(pack(model))

    assert model.signature.classes == tuple(fitted.classes_)
    assert again.predict(rows)["prediction"].to_list() == fitted.predict(matrix_of(rows)).tolist()
    assert list(fitted.classes_) == sorted(set(labels))


def test_model_is_served_in_a_process_without_the_code_that_trained_it(tmp_path: Path) -> None:
    rows = numeric_rows(nulls=False)
    fitted = LinearRegression().fit(matrix_of(rows), goal(rows, "number"))
    model = adopt(fitted, rows)
    (tmp_path / "model.zip").write_bytes(pack(model, compilation=compile_model(model, rows)))
    code = (
        "import sys; from pathlib import Path; from millwright.models.package import load_predictor;"
        "rows = [{'planned days': 1.0, 'share': 0.5, 'floors': 3, 'late': True}];"
        "print(load_predictor(Path(sys.argv[1]).read_bytes(), prefer_onnx=False).predict_rows(rows)[0]['prediction'])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.zip")], check=True, capture_output=True, text=True
    )

    assert float(done.stdout) == pytest.approx(fitted.predict([[1.0, 0.5, 3, 1]])[0])


def test_numbers_far_out_reach_the_model_as_they_are() -> None:
    rows = pl.DataFrame({"a": [1.0, 2.0]})
    model = adopt(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), rows)

    assert load_predictor(pack(model)).predict_rows([{"a": 1e6}])[0]["prediction"] == pytest.approx(1e6)


def test_what_cannot_be_adopted_says_why() -> None:
    rows = numeric_rows(nulls=False)
    fitted = LogisticRegression(max_iter=500).fit(matrix_of(rows), goal(rows, "two"))

    with pytest.raises(InvalidInputError, match="at least one row"):
        adopt(fitted, rows.head(0))
    with pytest.raises(InvalidInputError, match="2 classes, as many as the model tells apart, found 3"):
        adopt(fitted, rows, classes=("a", "b", "c"))
    with pytest.raises(InvalidInputError, match="ascending order"):
        adopt(fitted, rows, classes=("late", "early"))
    with pytest.raises(InvalidInputError, match="does not answer the sample's 2 columns"):
        adopt(fitted, rows.select("floors", "late"))
    with pytest.raises(InvalidInputError, match="found others in: floors"):
        adopt(fitted, rows.with_columns(pl.col("floors").cast(pl.String)))
    with pytest.raises(InvalidInputError, match="without fit"):
        adopt(LogisticRegression(), rows)
    with pytest.raises(InvalidInputError, match="classifier with probabilities"):
        adopt(RidgeClassifier().fit(matrix_of(rows), goal(rows, "two")), rows)


def test_columns_that_the_model_names_and_the_sample_lacks_are_told() -> None:
    rows = numeric_rows(nulls=False)
    fitted = LinearRegression().fit(rows.to_pandas().astype(float), goal(rows, "number"))

    with pytest.raises(InvalidInputError, match="none named share"):
        adopt(fitted, rows.drop("share"))
