from __future__ import annotations

import json
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError, ModelFailedError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.flavors.river import MEMBER, RiverFlavor, RiverModel
from millwright.models.package import load_predictor, pack, unpack
from millwright.models.task import Task

pytest.importorskip("river")

from river import anomaly, compose, linear_model, preprocessing, tree
from river.datasets import synth

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [({**row, "town": "north" if row["age"] < 40 else "south"}, bool(truth))
        for row, truth in synth.Agrawal(seed=1).take(300)]  # fmt: skip
TABLE = pl.DataFrame([row for row, _ in ROWS])


@pytest.fixture(scope="module")
def classifier() -> Any:
    model = (compose.SelectType(str) | preprocessing.OneHotEncoder()) + (
        compose.SelectType((int, float)) | preprocessing.StandardScaler()
    ) | linear_model.LogisticRegression()
    for row, truth in ROWS:
        model.learn_one(row, truth)
    return model


def test_packaged_model_answers_as_rivers_own(classifier: Any):
    predictor = load_predictor(pack(adopt(classifier, TABLE, target="late")))

    answers = predictor.predict_frame(TABLE)

    assert (predictor.engine, predictor.signature.task, predictor.signature.classes) == (
        "river",
        Task.BINARY,
        (False, True),
    )
    assert answers["probability"].to_list() == [classifier.predict_proba_one(row)[True] for row, _ in ROWS]
    assert predictor.predict_rows([ROWS[0][0]]) == answers.head(1).to_dicts()


def test_packages_of_equal_models_are_the_same_bytes(classifier: Any):
    model = adopt(classifier, TABLE, target="late")

    assert pack(unpack(pack(model))) == pack(model)


def test_packaging_leaves_the_users_model_as_it_was(classifier: Any):
    before = classifier.predict_proba_one(ROWS[0][0])

    adopted = adopt(classifier, TABLE, target="late")
    adopted.estimator.learner.learn_one(ROWS[0][0], False)

    assert classifier.predict_proba_one(ROWS[0][0]) == before


def test_package_is_answered_by_a_process_that_knows_nothing_of_its_training(classifier: Any, tmp_path: Path):
    path = tmp_path / "model.mw"
    path.write_bytes(pack(adopt(classifier, TABLE, target="late")))
    program = (
        "import pathlib, sys, json; from millwright.models.package import load_predictor\n"
        "rows = json.loads(sys.argv[2])\n"
        "print(json.dumps(load_predictor(pathlib.Path(sys.argv[1]).read_bytes()).predict_rows(rows)))"
    )

    told = subprocess.run(
        [sys.executable, "-c", program, str(path), json.dumps([ROWS[5][0]])], capture_output=True, check=True
    )

    assert json.loads(told.stdout)[0]["probability"] == classifier.predict_proba_one(ROWS[5][0])[True]


def test_regressor_answers_numbers_and_takes_rows_with_holes():
    model = preprocessing.StandardScaler() | linear_model.LinearRegression()
    rows = [
        ({f"x{name}": value for name, value in row.items()}, truth) for row, truth in synth.Friedman(seed=1).take(200)
    ]
    for row, truth in rows:
        model.learn_one(row, truth)
    table = pl.DataFrame([row for row, _ in rows]).with_columns(pl.col("x0").replace(rows[0][0]["x0"], None))

    found = adopt(model, table, target="y").predict(table)

    hole = {name: value for name, value in rows[0][0].items() if name != "x0"}
    assert found["prediction"].to_list() == [model.predict_one(hole), *(model.predict_one(row) for row, _ in rows[1:])]


def test_classes_that_were_not_seen_yet_have_no_share():
    model = tree.HoeffdingTreeClassifier()
    model.learn_one({"a": 1.0}, "late")

    adopted = adopt(RiverModel(model, ["early", "late", "never"]), pl.DataFrame({"a": [1.0]}), target="when")

    assert adopted.predict(pl.DataFrame({"a": [1.0]})).to_dicts() == [
        {"prediction": "late", "probability_early": 0.0, "probability_late": 1.0, "probability_never": 0.0}
    ]


def test_model_that_has_learnt_nothing_finds_all_classes_alike():
    model = RiverModel(tree.HoeffdingTreeClassifier(), [0, 1, 2])

    found = adopt(model, pl.DataFrame({"a": [1.0]}), target="y").predict(pl.DataFrame({"a": [1.0]}))

    assert found.row(0)[1:] == (1 / 3, 1 / 3, 1 / 3)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (anomaly.HalfSpaceTrees(), "Expected a classifier or a regressor of River, found a HalfSpaceTrees"),
        (tree.HoeffdingTreeClassifier(), "the classes of a HoeffdingTreeClassifier that has learnt nothing"),
        (compose.FuncTransformer(lambda row: row) | linear_model.LinearRegression(), "no part of River"),
    ],
)
def test_model_that_cannot_be_packaged_says_why(model: Any, message: str):
    with pytest.raises(InvalidInputError, match=message):
        adopt(model, pl.DataFrame({"a": [1.0]}))


def test_row_that_the_model_fails_on_is_told_as_the_models_failure(classifier: Any):
    broken = RiverFlavor().adopt(classifier, sample=TABLE.head(1)).estimator
    broken.learner["LogisticRegression"]._weights = None

    with pytest.raises(ModelFailedError, match="The River model fails on a row"):
        RiverFlavor().compute_frame(broken, TABLE.head(1), classes=2)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"nothing", IntegrityError),
        (zlib.compress(b"{"), IntegrityError),
        (zlib.compress(json.dumps({"root": {"r": 9}, "nodes": []}).encode()), UnsafeArtifactError),
        (
            zlib.compress(json.dumps({"root": {"r": 0}, "nodes": [["global", "os.system"]]}).encode()),
            UnsafeArtifactError,
        ),
    ],
)
def test_damaged_and_harmful_files_are_refused(data: bytes, error: type[Exception]):
    with pytest.raises(error):
        RiverFlavor().load({MEMBER: data}, columns=0, classes=2)
