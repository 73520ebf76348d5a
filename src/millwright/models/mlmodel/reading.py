"""MLflow's model folders as models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import yaml

from millwright.core.errors import InvalidInputError, NotFoundError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.archive import refuse_pickle
from millwright.models.flavors.lightgbm import read_text
from millwright.models.flavors.sklearn import read_skops
from millwright.models.flavors.xgboost import read_json
from millwright.models.mlmodel.writing import LOADER, METADATA
from millwright.models.package import unpack
from millwright.models.tensor.sample import sample_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from millwright.models.model import Model

_MAX_TEXT = 10_000_000


def import_folder(
    folder: Path,
    *,
    sample: pl.DataFrame | None = None,
    classes: Sequence[Any] = (),
    target: str = "",
    allow_code: bool = False,
) -> tuple[Model, pl.DataFrame]:
    """A model from a folder that MLflow or `writing.export_folder` wrote; nothing in it is unpickled.

    Args:
        folder: With its file `MLmodel`, of the flavor `sklearn` (as skops), `lightgbm`, `xgboost` (as JSON) or `onnx`.
        sample: Rows as callers will send them; the folder's input example when None.
        classes: Names of the classes, where the model doesn't know them.
        allow_code: Whether a Python function of Millwright's own may be loaded, which runs it. One of MLflow's is
            refused in any case: it is a pickle, or wants the code that wrote it.
        target: Name of what is predicted; `prediction` unless the folder says something else.

    Returns:
        The model, and the sample that its compilation is compared on.

    Raises:
        NotFoundError: There is no such folder or file.
        InvalidInputError: No flavor in it is known, it has no example and no sample is given, or they don't fit.
        UnsafeArtifactError: The model is a pickle, or would lead compiled code astray.
    """
    described = _described(folder)
    flavors, told = described.get("flavors") or {}, (described.get("metadata") or {}).get(METADATA) or {}
    rows = _rows(folder, described) if sample is None else sample
    function = flavors.get("python_function") or {}
    if function.get("loader_module") == LOADER:
        return unpack(_file(folder, function.get("data")), allow_code=allow_code), rows
    names = [str(column["name"]) for column in _inputs(described) if "name" in column]
    if names and set(names) <= set(rows.columns):
        rows = rows.select(names)
    model = adopt(
        _estimator(folder, flavors),
        rows,
        classes=tuple(classes) or tuple(told.get("classes") or ()),
        target=target or str(told.get("target") or "prediction"),
        training={"source": "MLflow", **({"run_id": str(run)} if (run := described.get("run_id")) else {})},
    )
    return model, rows


def _described(folder: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(_file(folder, "MLmodel").decode())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"Expected {folder}/MLmodel as YAML, found something else.") from error
    if not isinstance(found, dict) or not isinstance(found.get("flavors"), dict):
        raise InvalidInputError(f"Expected flavors in {folder}/MLmodel, found none.")
    return found


def _estimator(folder: Path, flavors: Mapping[str, Mapping[str, Any]]) -> Any:
    if "sklearn" in flavors:
        conf = flavors["sklearn"]
        data = _file(folder, conf.get("pickled_model"))
        if conf.get("serialization_format") != "skops":
            raise UnsafeArtifactError(
                "The folder's scikit-learn model is a pickle, which could run any code when loaded.",
                hint="Save it again with mlflow.sklearn.save_model(…, serialization_format='skops').",
            )
        return read_skops(data)
    if "lightgbm" in flavors:
        return read_text(_model_file(folder, flavors["lightgbm"]))
    if "xgboost" in flavors:
        data = _model_file(folder, flavors["xgboost"])
        if not data.lstrip().startswith(b'{"'):
            raise InvalidInputError(
                "The folder's XGBoost model is in the binary format, which cannot be judged before it is loaded.",
                hint="Save it again with mlflow.xgboost.save_model(…, model_format='json').",
            )
        return read_json(data)
    if "onnx" in flavors:
        return _model_file(folder, flavors["onnx"])
    raise InvalidInputError(
        f"Expected one of MLflow's flavors sklearn, lightgbm, xgboost or onnx, found {', '.join(sorted(flavors))}.",
        hint="Save the model as ONNX, which most libraries can write, or write it as a PythonModel and adopt that.",
    )


def _model_file(folder: Path, conf: Mapping[str, Any]) -> bytes:
    data = _file(folder, conf.get("data"))
    refuse_pickle(data, "a model in its library's own format")
    return data


def _file(folder: Path, name: Any) -> bytes:
    path = folder / str(name)
    if not isinstance(name, str) or not path.resolve().is_relative_to(folder.resolve()):
        raise UnsafeArtifactError(f"Expected the path of a file in {folder}, found {name!r}.")
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.", hint="Name the folder that holds the file MLmodel.")
    return path.read_bytes()


def _inputs(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        found = json.loads((described.get("signature") or {}).get("inputs") or "[]")
    except (TypeError, ValueError, AttributeError):
        return []
    return [column for column in found if isinstance(column, dict)] if isinstance(found, list) else []


def _rows(folder: Path, described: Mapping[str, Any]) -> pl.DataFrame:
    info = described.get("saved_input_example_info") or {}
    missing = InvalidInputError(
        f"The folder {folder} has no input example that is a table.",
        hint="Give some rows as callers will send them: --sample rows.csv.",
    )
    if info.get("type") not in {"dataframe", "ndarray"}:
        raise missing
    data = _file(folder, info.get("artifact_path"))
    try:
        content = json.loads(data) if len(data) < _MAX_TEXT else {}
        if info["type"] == "ndarray":
            return _arrays(content["inputs"], _inputs(described))
        return pl.DataFrame(content["data"], schema=[str(name) for name in content["columns"]], orient="row")
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise missing from error


def _arrays(content: Any, inputs: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """An example input of arrays: by name, or a single one."""
    dtypes = {str(each.get("name", "")): (each.get("tensor-spec") or {}).get("dtype") for each in inputs}
    given = content if isinstance(content, dict) else {next(iter(dtypes), "") or "input": content}
    return sample_frame({name: np.asarray(values, dtype=dtypes.get(name)) for name, values in given.items()})
