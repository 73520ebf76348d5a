from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import IntegrityError, InvalidInputError, ModelFailedError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.compile.compilation import compile_model, quantize_model
from millwright.models.flavors.catalog import get_flavor
from millwright.models.function import PythonFunction
from millwright.models.package import load_predictor, pack, read_manifest, unpack
from unit.models.functions import ROWS, delay_module

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return delay_module(tmp_path, monkeypatch)


def _function(module: Any, name: str, folder: Path, **params: Any) -> PythonFunction:
    return PythonFunction(model=getattr(module, name), artifacts=folder / "artifacts", params={"factor": 2.0, **params})


def test_function_answers_numbers_from_a_table_and_from_rows_alike(module: Any, tmp_path: Path) -> None:
    model = adopt(_function(module, "Delay", tmp_path), ROWS, target="late")
    predictor = load_predictor(pack(model), allow_code=True)

    assert (model.flavor, predictor.engine, model.training["candidate"]) == ("python", "python", "Delay")
    assert [(column.name, column.type.value) for column in model.signature.inputs] == [
        ("days", "integer"), ("borough", "category"), ("note", "category"),
    ]  # fmt: skip
    assert predictor.predict_frame(ROWS)["prediction"].to_list() == [20.0, 22.0, float(2**53 + 1)]
    assert predictor.predict_rows([{"days": 1.0, "borough": "Queens"}]) == [{"prediction": 3.0}]
    assert predictor.predict_frame(ROWS.head(0)).height == 0
    assert predictor.predict_rows([]) == []


def test_function_answers_classes_from_one_probability(module: Any, tmp_path: Path) -> None:
    model = adopt(_function(module, "Late", tmp_path), ROWS.head(2), classes=("early", "late"))

    answers = unpack(pack(model), allow_code=True).predict(ROWS.head(2))

    assert answers["prediction"].to_list() == ["late", "late"]
    assert answers["probability"].to_list() == pytest.approx([1 / (1 + 2.718281828**-2.0), 1 / (1 + 2.718281828**-2.2)])


def test_package_of_code_loads_only_where_that_is_allowed(module: Any, tmp_path: Path) -> None:
    package = pack(adopt(_function(module, "Delay", tmp_path), ROWS))

    assert read_manifest(package)["flavor"] == "python"
    for load in (unpack, load_predictor):
        with pytest.raises(UnsafeArtifactError, match=r"Python code.*allow_code = true under \[models\]"):
            load(package)


def test_package_answers_in_a_process_without_the_training_code(module: Any, tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(pack(adopt(_function(module, "Delay", tmp_path), ROWS)))
    code = (
        "import sys; from pathlib import Path; from millwright.models.package import load_predictor;"
        "predictor = load_predictor(Path(sys.argv[1]).read_bytes(), allow_code=True);"
        "assert 'scorer' not in sys.modules;"
        "print(predictor.predict_rows([{'days': 1, 'borough': 'Bronx', 'note': None}])[0]['prediction'])"
    )

    found = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.zip")],
        capture_output=True, text=True, check=True, cwd="/",
    )  # fmt: skip

    assert found.stdout.strip() == "11.0"


def test_same_function_gives_the_same_package_and_survives_loading(module: Any, tmp_path: Path) -> None:
    package = pack(adopt(_function(module, "Delay", tmp_path), ROWS))

    assert pack(adopt(_function(module, "Delay", tmp_path), ROWS)) == package
    assert pack(unpack(package, allow_code=True)) == package


def test_function_is_never_compiled_nor_quantized_and_the_record_says_why(module: Any, tmp_path: Path) -> None:
    model = adopt(_function(module, "Delay", tmp_path), ROWS)

    compilation = compile_model(model, ROWS)

    assert (compilation.status, compilation.reason) == ("native", "it is Python code, which has no ONNX form")
    quantization = quantize_model(model, compilation, ROWS, within=0.1).quantization
    assert quantization is not None
    assert quantization.reason == "it is code, and has no weights that are known"


def test_class_alone_is_a_function_without_artifacts_and_params(module: Any) -> None:
    with pytest.raises(ModelFailedError, match=r"FileNotFoundError"):
        adopt(module.Delay, ROWS)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("raise", "does not answer the sample: The code of Wrong fails when it predicts: ValueError: no idea"),
        ("nan", "Expected finite numbers from Wrong.predict, found NaN"),
        ("shape", r"Expected answers of shape \(3,\) from Wrong.predict, found \(1, 3\)"),
    ],
)
def test_function_that_answers_wrongly_is_refused(module: Any, tmp_path: Path, what: str, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        adopt(_function(module, "Wrong", tmp_path, what=what), ROWS)


def test_package_without_its_code_is_refused(module: Any) -> None:
    flavor = get_flavor("python")

    with pytest.raises(IntegrityError, match=r"Expected the member 'function\.zip'"):
        flavor.load({}, columns=0, classes=0)
    assert flavor.handles(module.Delay)
    assert not flavor.handles(module.Delay())
    assert not flavor.handles(dict)
