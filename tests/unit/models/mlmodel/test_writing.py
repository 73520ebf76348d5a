from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from millwright.core.errors import AlreadyExistsError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.models.mlmodel.reading import import_folder
from millwright.models.mlmodel.writing import export_folder
from millwright.models.package import pack
from unit.models.functions import ROWS, delay_module
from unit.models.graphs import dense_graph
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl

    from millwright.models.model import Model

_CLIENT = """
import json, sys, numpy, pandas, mlflow.pyfunc
for line in sys.stdin:
    folder, flavor = json.loads(line)
    rows = pandas.read_json(f"{folder}/input_example.json", orient="split")
    if flavor == "onnx":
        rows = rows.astype(float)
    print(json.dumps(numpy.asarray(mlflow.pyfunc.load_model(folder).predict(rows)).tolist()), flush=True)
"""


@pytest.fixture(scope="module")
def mlflow_answers() -> Iterator[Callable[[Path, str], Any]]:
    """What the real client answers for a folder's own example, in a process that is no other test's: it starts once."""
    environment = {**os.environ, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true"}
    command = [sys.executable, "-c", _CLIENT]
    with (
        tempfile.TemporaryFile("w+") as told,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True
        ) as client,
    ):

        def answers(folder: Path, flavor: str) -> Any:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdin.write(json.dumps([str(folder), flavor]) + "\n")
            client.stdin.flush()
            for line in client.stdout:
                if line.startswith(("[", "{")):
                    return json.loads(line)
            told.seek(0)
            raise AssertionError(told.read())

        yield answers
        client.communicate()


def _fitted(kind: str, rows: pl.DataFrame) -> Any:
    values, labels = matrix_of(rows), np.array(["early", "late"])[goal(rows, "two")]
    if kind == "lightgbm":
        return lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(rows.to_pandas(), labels)
    if kind == "linear":
        return LogisticRegression(max_iter=900).fit(values, labels)
    if kind == "boosting":
        return HistGradientBoostingClassifier(max_iter=5).fit(values, labels)
    return dense_graph([[0.1], [0.2], [0.3], [0.4]], last="Sigmoid")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "flavor"), [("lightgbm", "lightgbm"), ("linear", "sklearn"), ("boosting", "sklearn"), ("onnx", "onnx")]
)
def test_folder_is_read_by_mlflow_and_by_us_with_the_same_answers(
    kind: str, flavor: str, tmp_path: Path, mlflow_answers: Callable[[Path, str], Any]
) -> None:
    rows = numeric_rows(nulls=False)
    model = adopt(_fitted(kind, rows), rows, classes=("early", "late"), target="delivery")

    assert export_folder(pack(model), tmp_path / "model") == flavor
    found = np.asarray(mlflow_answers(tmp_path / "model", flavor)).reshape(-1)
    again, _ = import_folder(tmp_path / "model")

    expected = model.predict(rows.head(5))
    column = "prediction" if flavor == "sklearn" else "probability"
    if column == "probability":
        np.testing.assert_allclose(found, expected[column], rtol=1e-6)
    else:
        assert found.tolist() == expected[column].to_list()
    assert again.predict(rows).equals(model.predict(rows))
    assert (again.signature.target, again.signature.classes) == ("delivery", ("early", "late"))


def _answering_shares(kind: str, rows: pl.DataFrame) -> Any:
    """A model of two classes that answers both probabilities."""
    if kind == "labels":
        skl2onnx = pytest.importorskip("skl2onnx", reason="needs skl2onnx")
        matrix = matrix_of(rows).astype(np.float32)
        fitted = LogisticRegression(max_iter=900).fit(matrix, goal(rows, "two"))
        return skl2onnx.to_onnx(fitted, matrix[:1], options={"zipmap": False}).SerializeToString()
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    return torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.Softmax(dim=1)).eval()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["labels", "softmax"])
def test_graph_that_answers_several_values_a_row_is_a_python_function(
    kind: str, tmp_path: Path, mlflow_answers: Callable[[Path, str], Any]
) -> None:
    rows = numeric_rows(nulls=False)
    model = adopt(_answering_shares(kind, rows), rows, classes=("early", "late"), target="delivery")
    package = pack(model)

    assert export_folder(package, tmp_path / "model") == "python_function"
    found = mlflow_answers(tmp_path / "model", "python_function")
    again, _ = import_folder(tmp_path / "model")

    expected = model.predict(rows.head(5))
    assert [row[0] for row in found] == expected["prediction"].to_list()
    np.testing.assert_allclose([row[1] for row in found], expected["probability"], rtol=1e-6)
    assert pack(again) == package


@pytest.mark.slow
def test_module_that_answers_one_value_a_row_is_written_as_its_graph(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    rows = numeric_rows(nulls=False)
    module = torch.nn.Sequential(torch.nn.Linear(4, 1), torch.nn.Sigmoid()).eval()
    model = adopt(module, rows, classes=("early", "late"))

    assert export_folder(pack(model), tmp_path / "model") == "onnx"
    assert import_folder(tmp_path / "model")[0].predict(rows).equals(model.predict(rows))


def test_xgboost_model_survives_the_folder(tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost", reason="needs xgboost, or xgboost-cpu")
    rows = numeric_rows()
    fitted = xgboost.XGBRegressor(n_estimators=5).fit(matrix_of(rows), goal(rows, "number"))
    model = adopt(fitted, rows)

    assert export_folder(pack(model), tmp_path / "model") == "xgboost"
    assert import_folder(tmp_path / "model")[0].predict(rows).equals(model.predict(rows))


@pytest.mark.slow
def test_model_with_an_encoder_is_a_python_function_that_answers_all_outputs(tmp_path: Path, model: Model) -> None:
    package = pack(model)

    assert export_folder(package, tmp_path / "model") == "python_function"
    again, _ = import_folder(tmp_path / "model")

    assert pack(again) == package


def test_folder_that_holds_something_is_left_alone(tmp_path: Path, model: Model) -> None:
    (tmp_path / "mine.txt").write_text("x")

    with pytest.raises(AlreadyExistsError, match="not empty"):
        export_folder(pack(model), tmp_path)


def test_function_is_written_without_being_run_and_comes_back_where_code_may_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 1.0})
    package = pack(adopt(function, ROWS))

    assert export_folder(package, tmp_path / "model") == "python_function"
    again, rows = import_folder(tmp_path / "model", allow_code=True)

    assert pack(again) == package
    assert rows["borough"].to_list() == ["Bronx", "Queens", None]
    with pytest.raises(UnsafeArtifactError, match="allow_code"):
        import_folder(tmp_path / "model")
