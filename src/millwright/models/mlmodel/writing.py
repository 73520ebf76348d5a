"""Packages as MLflow's model folders."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import yaml

from millwright.core.errors import AlreadyExistsError
from millwright.models.column import ColumnType
from millwright.models.encoder import Encoder
from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import runs_code
from millwright.models.flavors.inspection import ALLOWED_UNTRUSTED
from millwright.models.flavors.sklearn import dump_estimator, named_classes
from millwright.models.graph import Graph
from millwright.models.package import read_manifest, unpack
from millwright.models.signature import Signature, SignatureColumn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.models.model import Model

METADATA = "millwright"
PACKAGE = "package.zip"
LOADER = "millwright.models.mlmodel.loader"
_TYPES = {
    ColumnType.NUMBER: "double",
    ColumnType.INTEGER: "long",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.CATEGORY: "string",
    ColumnType.TEXT: "string",
    ColumnType.DATE: "datetime",
}


def export_folder(package: bytes, folder: Path) -> str:
    """Write a package as a folder that MLflow loads.

    A model that takes raw numbers as they are is written in MLflow's own flavor (`sklearn` with skops, `lightgbm`,
    `xgboost`, `onnx`), and answers what its library answers. Any other has an encoder, for which these flavors have no
    place: it is written as a python function that needs Millwright where it is loaded. So is one that is Python code,
    which loads only where `MILLWRIGHT_MODELS__ALLOW_CODE=true` says that it may run. So is a graph that answers a row
    with several values of one output: MLflow makes one column of each output, one value a row. A PyTorch module's
    graph is written as any other; its weights, which a training goes on from, have no place there.

    Args:
        package: What `package.pack` gave.
        folder: Made anew; it may be there when it is empty.

    Returns:
        The flavor: `sklearn`, `lightgbm`, `xgboost`, `onnx` or `python_function`.

    Raises:
        AlreadyExistsError: The folder holds something.
        UnsafeArtifactError, IntegrityError, MissingExtraError: As `package.unpack`.
    """
    manifest = read_manifest(package)
    signature = Signature.from_json(manifest["signature"])
    # Code is not run to be written down.
    model = None if runs_code(get_flavor(manifest["flavor"])) else unpack(package)
    if folder.exists() and any(folder.iterdir()):
        raise AlreadyExistsError(f"The folder {folder} is not empty.", hint="Name a new one.")
    plain = model is not None and (signature.has_tensors or _takes_and_answers_numbers(model))
    name, conf, (file, content) = (
        _native(model) if model is not None and plain else ("python_function", {}, (PACKAGE, package))
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content)
    env = {"virtualenv": "python_env.yaml"}
    loader = f"mlflow.{name}" if plain else LOADER
    function = {"loader_module": loader, "data": file, "env": env, "python_version": platform.python_version()}
    flavors = {"python_function": {**function, **({"model_path": file} if name == "sklearn" else {})}}
    if plain:
        flavors[name] = conf
    names = [column.name for column in signature.inputs]
    example = {"columns": names, "data": [[row.get(name) for name in names] for row in manifest["example"]]}
    if signature.tensors:
        example = {"inputs": {name: [row[name] for row in manifest["example"]] for name in names}}
    (folder / "input_example.json").write_text(json.dumps(example), encoding="utf-8")
    libraries = dict(manifest["libraries"])
    if not plain:
        libraries["millwright"] = version("millwright")
    requirements = "".join(f"{library}=={found}\n" for library, found in sorted(libraries.items()))
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    environment = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
    (folder / "python_env.yaml").write_text(yaml.safe_dump(environment), encoding="utf-8")
    described = {
        "flavors": flavors,
        "signature": _signature(signature, only_numbers=name == "onnx"),
        "saved_input_example_info": {
            "artifact_path": "input_example.json",
            **({"type": "ndarray"} if signature.tensors else {"type": "dataframe", "pandas_orient": "split"}),
        },
        "metadata": {METADATA: {"classes": list(signature.classes), "target": signature.target}},
    }
    (folder / "MLmodel").write_text(yaml.safe_dump(described, allow_unicode=True), encoding="utf-8")
    return name


def _takes_and_answers_numbers(model: Model) -> bool:
    graph = model.estimator
    if isinstance(graph, Graph) and not graph.answers_singly(len(model.signature.inputs)):
        return False
    return model.encoder == Encoder.passing(model.signature)


def _native(model: Model) -> tuple[str, dict[str, Any], tuple[str, bytes]]:
    conf: dict[str, Any]
    if model.flavor == "sklearn":
        conf = {
            "pickled_model": "model.skops", "serialization_format": "skops", "code": None,
            "skops_trusted_types": sorted(ALLOWED_UNTRUSTED), "sklearn_version": version("scikit-learn"),
        }  # fmt: skip
        data = dump_estimator(named_classes(model.estimator, model.signature.classes))
        return "sklearn", conf, ("model.skops", data)
    content, *_ = get_flavor(model.flavor).dump(model.estimator).values()  # a module's weights come behind its graph
    if model.flavor == "lightgbm":
        conf = {"data": "model.lgb", "model_class": "lightgbm.basic.Booster", "lgb_version": version("lightgbm")}
        return "lightgbm", conf, ("model.lgb", content)
    if model.flavor == "xgboost":
        conf = {"data": "model.json", "model_class": "xgboost.core.Booster", "model_format": "json"}
        return "xgboost", conf, ("model.json", content)
    conf = {"data": "model.onnx", "providers": ["CPUExecutionProvider"], "save_as_external_data": False}
    return "onnx", conf, ("model.onnx", content)


def _tensor_spec(column: SignatureColumn) -> dict[str, Any]:
    kinds = {ColumnType.NUMBER: "float64", ColumnType.INTEGER: "int64", ColumnType.BOOLEAN: "bool"}
    spec = {"dtype": column.dtype or kinds.get(column.type, "str"), "shape": [-1, *column.shape]}
    return {"name": column.name, "type": "tensor", "tensor-spec": spec}


def _signature(signature: Signature, *, only_numbers: bool) -> Mapping[str, str]:
    if signature.tensors:
        return {"inputs": json.dumps([_tensor_spec(each) for each in signature.inputs])}
    inputs = []
    for each in signature.inputs:
        # MLflow hands a graph the frame as one array, which booleans among numbers would make one of objects; and
        # pandas has no null among integers.
        as_number = only_numbers or (each.type is ColumnType.INTEGER and each.nullable)
        inputs.append(
            {"name": each.name, "type": "double" if as_number else _TYPES[each.type], "required": each.required}
        )
    return {"inputs": json.dumps(inputs)}
