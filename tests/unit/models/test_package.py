from __future__ import annotations

import json
import pickle
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import IntegrityError, InvalidInputError, StoreVersionError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.archive import read_archive, write_archive
from millwright.models.compile.compilation import compile_model
from millwright.models.function import PythonFunction
from millwright.models.package import MANIFEST, ONNX, PackageLoader, load_predictor, pack, read_manifest, unpack
from unit.models.functions import ROWS, delay_module

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import polars as pl

    from millwright.models.model import Model


@pytest.fixture(scope="module")
def package(model: Model, frame: pl.DataFrame) -> bytes:
    return pack(model, compilation=compile_model(model, frame))


def _changed(package: bytes, **changes: Any) -> bytes:
    """The package with manifest entries changed and digests made right again."""
    return _with_members(package, {}, changes)


def _with_members(package: bytes, members: Mapping[str, bytes], changes: Mapping[str, Any]) -> bytes:
    content = {**read_archive(package, what="a package"), **members}
    manifest = {**json.loads(content[MANIFEST]), **changes}
    manifest["members"] = {name: digest_bytes(data) for name, data in content.items() if name != MANIFEST}
    return write_archive({**content, MANIFEST: json.dumps(manifest).encode()})


def test_package_gives_back_the_same_model(package: bytes, model: Model, frame: pl.DataFrame) -> None:
    found = unpack(package)

    assert found.signature == model.signature
    assert found.encoder == model.encoder
    assert found.example == model.example
    assert found.predict(frame).equals(model.predict(frame))


def test_package_is_the_same_to_the_byte_when_packed_again(package: bytes, model: Model, frame: pl.DataFrame) -> None:
    assert pack(model, compilation=compile_model(model, frame)) == package
    assert pack(unpack(package), compilation=compile_model(model, frame)) == package


def test_package_is_served_by_onnx_when_proven_and_natively_when_asked(package: bytes, frame: pl.DataFrame) -> None:
    fast, native = load_predictor(package), load_predictor(package, prefer_onnx=False)

    assert (fast.engine, native.engine) == ("onnxruntime", "sklearn")
    assert fast.predict_frame(frame)["prediction"].equals(native.predict_frame(frame)["prediction"])


def test_package_of_a_baseline_is_refused_by_the_compiler_and_served_natively(
    make_model: Callable[..., Model], frame: pl.DataFrame
) -> None:
    from sklearn.dummy import DummyClassifier

    model = make_model(DummyClassifier(strategy="prior"))
    compilation = compile_model(model, frame)
    predictor = load_predictor(pack(model, compilation=compilation))

    assert compilation.status == "refused"
    assert predictor.engine == "sklearn"
    assert predictor.predict_frame(frame)["probability"].n_unique() == 1


def test_manifest_tells_all_without_loading_the_model(package: bytes, model: Model) -> None:
    manifest = read_manifest(package)

    assert manifest["signature"] == model.signature.to_json()
    assert manifest["compilation"]["status"] == "proven"
    assert manifest["libraries"]["scikit-learn"]


def test_serving_a_compiled_package_imports_neither_sklearn_nor_skops(package: bytes, tmp_path: Path) -> None:
    file = tmp_path / "model.zip"
    file.write_bytes(package)
    code = (
        "import sys; from pathlib import Path; from millwright.models.package import load_predictor;"
        "load_predictor(Path(sys.argv[1]).read_bytes());"
        "sys.exit(sum(name in sys.modules for name in ('sklearn', 'skops', 'onnx', 'skl2onnx', 'pandas')))"
    )

    assert subprocess.run([sys.executable, "-c", code, str(file)], check=False).returncode == 0


def test_package_is_refused_when_it_holds_a_pickle_whatever_its_name(package: bytes) -> None:
    for name in ("model.pkl", "model.skops", ONNX):
        with pytest.raises(UnsafeArtifactError, match="pickle"):
            unpack(_with_members(package, {name: pickle.dumps([1])}, {}))


def test_package_is_refused_when_it_holds_an_unknown_member(package: bytes) -> None:
    with pytest.raises(UnsafeArtifactError, match=r"found also \['run\.py'\]"):
        unpack(_with_members(package, {"run.py": b"print()"}, {}))


def test_package_is_refused_when_it_is_a_pickle_itself() -> None:
    with pytest.raises(UnsafeArtifactError, match="found a pickle"):
        unpack(pickle.dumps([1]))


def test_package_is_damaged_when_a_member_differs_from_its_digest(package: bytes) -> None:
    members = read_archive(package, what="a package")
    members[ONNX] += b"\x00"

    with pytest.raises(IntegrityError, match="differ from the digests"):
        load_predictor(write_archive(members))


def test_package_is_damaged_when_it_has_no_manifest() -> None:
    with pytest.raises(IntegrityError, match=r"manifest 'millwright\.json'"):
        unpack(write_archive({"model.skops": b""}))


def test_package_of_a_newer_format_says_so(package: bytes) -> None:
    with pytest.raises(StoreVersionError, match="format 2; this Millwright reads format 1"):
        unpack(_changed(package, format=2))


@pytest.mark.parametrize("prefer_onnx", [True, False])
def test_package_is_damaged_when_it_answers_its_example_otherwise(package: bytes, *, prefer_onnx: bool) -> None:
    wrong = [{**row, "probability": 1 - row["probability"]} for row in read_manifest(package)["expected"]]

    with pytest.raises(IntegrityError, match="otherwise than when it was packed"):
        load_predictor(_changed(package, expected=wrong), prefer_onnx=prefer_onnx)


def test_package_is_refused_when_its_estimator_takes_other_columns(package: bytes) -> None:
    encoder = read_manifest(package)["encoder"]
    encoder["columns"] = encoder["columns"][:-1]

    with pytest.raises(UnsafeArtifactError, match="it takes 9 columns, the encoder gives 8"):
        unpack(_changed(package, encoder=encoder))


def test_packing_is_refused_when_the_record_is_no_json(model: Model) -> None:
    with pytest.raises(InvalidInputError, match="JSON has no form for"):
        pack(replace(model, training={"score": float("nan")}))


def test_loader_loads_code_only_when_it_is_told_that_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 1.0})
    data = pack(adopt(function, ROWS))

    assert PackageLoader(allow_code=True).model(data).predict(ROWS)["prediction"][0] == 15
    assert PackageLoader(allow_code=True).predictor(data).engine == "python"
    for load in (PackageLoader().model, PackageLoader().predictor):
        with pytest.raises(UnsafeArtifactError, match="allow_code"):
            load(data)
