from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from millwright.core.errors import InvalidInputError
from millwright.models.adoption import adopt
from millwright.models.column import ColumnType
from millwright.models.compile.compilation import compile_model
from millwright.models.mlmodel.reading import import_folder
from millwright.models.mlmodel.writing import export_folder
from millwright.models.package import load_predictor, pack, unpack
from millwright.models.signature import Signature
from millwright.models.task import Task
from unit.models.tensor_graphs import picture_graph, pictures, sentence_graph

NAMES = ("a", "b", "c", "d", "e")


def test_signature_comes_from_an_array():
    model = adopt(picture_graph(), pictures(7), target="embedding")
    (image,), (answer,) = model.signature.inputs, model.signature.outputs
    assert (image.name, image.type, image.shape, image.dtype) == ("image", ColumnType.TENSOR, (2, 3, 4), "float32")
    assert (answer.name, answer.shape, model.signature.task) == ("prediction", (5,), Task.TENSOR)
    again = Signature.from_json(json.loads(json.dumps(model.signature.to_json())))
    assert again == model.signature


def test_package_answers_as_the_graph_does():
    images = pictures(6)
    model = adopt(picture_graph(), images)
    package = pack(model, compilation=compile_model(model, pl.DataFrame({"image": images})))
    expected = model.estimator.compute({"image": images})
    assert pack(unpack(package)) == pack(model)
    predictor = load_predictor(package)
    rows = predictor.predict_rows([{"image": image.tolist()} for image in images])
    np.testing.assert_allclose([row["prediction"] for row in rows], expected, rtol=1e-6)
    frame = predictor.predict_frame(pl.DataFrame({"image": images}))
    assert frame.schema == {"prediction": pl.Array(pl.Float32, 5)}
    np.testing.assert_array_equal(frame["prediction"].to_numpy(), expected)
    assert predictor.predict_rows([]) == []
    assert model.predict(pl.DataFrame({"image": images}).clear()).height == 0


def test_classes_have_labels_and_probabilities():
    images = pictures(6)
    model = adopt(picture_graph(last="Softmax"), {"image": images}, classes=NAMES)
    answers = model.predict(pl.DataFrame({"image": images}))
    assert answers.columns == ["prediction", *(f"probability_{name}" for name in NAMES)]
    expected = model.estimator.compute({"image": images}).argmax(axis=1)
    assert answers["prediction"].to_list() == [NAMES[index] for index in expected]
    two = adopt(picture_graph(outputs=1, last="Sigmoid"), images, classes=("no", "yes"))
    assert set(two.predict(pl.DataFrame({"image": images})).columns) == {"prediction", "probability"}


def test_numbers_stand_beside_arrays():
    images = pictures(4)
    model = adopt(picture_graph(outputs=1, number=True), {"age": np.arange(4.0), "image": images})
    assert [(each.name, each.shape) for each in model.signature.inputs] == [("image", (2, 3, 4)), ("age", ())]
    assert model.signature.task is Task.REGRESSION
    first, second = (row["prediction"] for row in load_predictor(pack(model)).predict_rows(
        [{"image": images[0], "age": 1}, {"image": images[0], "age": 3.0}]
    ))  # fmt: skip
    assert second - first == pytest.approx(2, rel=1e-4)


def test_free_dimensions_are_those_that_the_graph_leaves_open():
    model = adopt(sentence_graph(), np.arange(12).reshape(3, 4))
    assert (model.signature.inputs[0].shape, model.signature.inputs[0].dtype) == ((-1,), "int64")
    rows = [{"ids": [1, 2]}, {"ids": [7]}, {"ids": [3, 4, 5]}, {"ids": [1, 2]}]
    found = [row["prediction"] for row in load_predictor(pack(model)).predict_rows(rows)]
    assert found[0] == found[3]
    assert model.predict(pl.DataFrame(rows))["prediction"].to_list() == found
    fixed = adopt(sentence_graph(), np.arange(12).reshape(3, 4), shapes={"ids": (4,)})
    assert fixed.signature.check_rows([{"ids": [1, 2]}])[0].expected == "a tensor of shape [4] of int64"


def test_violations_name_the_shapes():
    signature = adopt(picture_graph(), pictures(3)).signature
    rows = [{"image": pictures(1)[0]}, {"image": pictures(1)[0][:1]}, {"image": 7}, {}]
    assert [(each.row, each.column, each.expected, each.found) for each in signature.check_rows(rows)] == [
        (1, "image", "a tensor of shape [2, 3, 4] of finite float32", "a tensor of shape [1, 3, 4]"),
        (2, "image", "a tensor of shape [2, 3, 4] of finite float32", "the number 7"),
        (3, "image", "a tensor of shape [2, 3, 4] of finite float32", "nothing: the column is missing"),
    ]


@pytest.mark.parametrize(
    ("sample", "options", "message"),
    [
        (np.zeros((3, 2, 3, 5), np.float32), {}, r"shape \[2, 3, 4\] in 'image', found \[2, 3, 5\]"),
        ({"picture": pictures(3)}, {}, "found none for 'image'"),
        (pictures(3), {"classes": ("a", "b")}, "Expected answers of shape"),
        (pictures(3), {"classes": NAMES}, "Expected probabilities"),
        (pictures(3), {"shapes": {"imag": (2, 3, 4)}}, "found one of 'imag'"),
        (pictures(3), {"shapes": {"prediction": (6,)}}, r"answers of shape \[6\] for each row, found \[5\]"),
        (pictures(3) * np.inf, {}, "found another in row 0"),
    ],
)
def test_what_does_not_go_together_is_refused(sample, options, message):
    with pytest.raises(InvalidInputError, match=message), np.errstate(invalid="ignore"):
        adopt(picture_graph(), sample, **options)


def test_models_of_columns_take_no_arrays():
    fitted = LinearRegression().fit(np.zeros((3, 4)), np.zeros(3))
    with pytest.raises(InvalidInputError, match="found arrays in the sample"):
        adopt(fitted, pictures(3))


def test_models_over_arrays_go_to_mlflows_folders_and_back(tmp_path):
    model = adopt(picture_graph(), pictures(3))
    assert export_folder(pack(model), tmp_path / "out") == "onnx"
    again, sample = import_folder(tmp_path / "out")
    assert again.signature.inputs == model.signature.inputs
    assert sample.schema == {"image": pl.Array(pl.Float32, (2, 3, 4))}
