from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import lightgbm
import polars as pl
import pytest
import yaml

from millwright.core.errors import InvalidInputError, MillwrightError, NotFoundError
from millwright.models.adoption import adopt
from millwright.models.mlmodel.reading import import_folder
from millwright.models.mlmodel.writing import export_folder
from millwright.models.package import pack
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As MLflow's own client writes a LightGBM booster: its text with names and parameters."""
    rows = numeric_rows(nulls=False)
    data = lightgbm.Dataset(matrix_of(rows), goal(rows, "number"), feature_name=rows.columns)
    booster = lightgbm.train({"objective": "regression", "verbose": -1, "num_threads": 1}, data, 5)
    export_folder(pack(adopt(booster, rows)), tmp_path / "model")
    booster.save_model(tmp_path / "model" / "model.lgb")
    return tmp_path / "model"


def _change(folder: Path, **changes: Any) -> None:
    described = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
    (folder / "MLmodel").write_text(yaml.safe_dump({**described, **changes}), encoding="utf-8")


def test_model_is_read_with_the_folders_example_or_a_given_sample_in_any_order(folder: Path) -> None:
    rows = numeric_rows(nulls=False)

    own, example = import_folder(folder)
    given, used = import_folder(folder, sample=rows.select(rows.columns[::-1]), target="delay")

    assert (example.height, used.height) == (5, rows.height)
    assert given.signature.target == "delay"
    assert own.predict(rows).equals(given.predict(rows))
    assert own.training["source"] == "MLflow"


def test_folder_without_an_example_asks_for_a_sample(folder: Path) -> None:
    _change(folder, saved_input_example_info=None)

    with pytest.raises(InvalidInputError, match="no input example") as caught:
        import_folder(folder)

    assert "--sample" in caught.value.hint
    assert import_folder(folder, sample=numeric_rows())[0].flavor == "lightgbm"


@pytest.mark.parametrize(
    ("flavors", "message"),
    [
        ({"sklearn": {"pickled_model": "model.lgb", "serialization_format": "cloudpickle"}}, "is a pickle"),
        ({"lightgbm": {"data": "../secret"}}, "the path of a file in"),
        ({"lightgbm": {"data": "pickled"}}, "found a pickle"),
        ({"xgboost": {"data": "model.lgb"}}, "binary format"),
        ({"tensorflow": {}}, "found tensorflow"),
        ({"onnx": {"data": "model.lgb"}}, "does not load"),
        ({"sklearn": {"pickled_model": "model.lgb", "serialization_format": "skops"}}, "skops file"),
    ],
)
def test_folder_with_something_else_is_refused(folder: Path, flavors: dict[str, Any], message: str) -> None:
    (folder.parent / "secret").write_bytes(b"x")
    (folder / "pickled").write_bytes(pickle.dumps({}))
    _change(folder, flavors=flavors)

    with pytest.raises(MillwrightError, match=message):
        import_folder(folder)


def test_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="MLmodel"):
        import_folder(tmp_path)
    (tmp_path / "MLmodel").write_text("a: [", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="as YAML"):
        import_folder(tmp_path)
    (tmp_path / "MLmodel").write_text("a: 1", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="Expected flavors"):
        import_folder(tmp_path)


def test_example_that_is_no_table_asks_for_a_sample(folder: Path) -> None:
    (folder / "input_example.json").write_text(json.dumps({"data": 3}), encoding="utf-8")

    with pytest.raises(InvalidInputError, match="no input example"):
        import_folder(folder)
    assert isinstance(import_folder(folder, sample=numeric_rows())[1], pl.DataFrame)
