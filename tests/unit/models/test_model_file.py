from __future__ import annotations

import io
import pickle
import zipfile
from typing import TYPE_CHECKING

import lightgbm
import numpy as np
import pytest
import skops.io
import xgboost
from sklearn.linear_model import LinearRegression

from millwright.core.errors import InvalidInputError, MillwrightError, NotFoundError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.model_file import read_model_file
from unit.models.graphs import dense_graph
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return numeric_rows(nulls=False)


@pytest.fixture(scope="module")
def files(rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model of each kind, all with names that say nothing."""
    folder, matrix, goals = tmp_path_factory.mktemp("models"), matrix_of(rows), goal(rows, "number")
    lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(matrix, goals), 3).save_model(
        folder / "lightgbm"
    )
    booster = xgboost.train({"nthread": 1}, xgboost.DMatrix(matrix, goals), 3)
    (folder / "xgboost").write_bytes(booster.save_raw("json"))
    (folder / "sklearn").write_bytes(skops.io.dumps(LinearRegression().fit(matrix, goals)))
    (folder / "onnx").write_bytes(dense_graph(np.ones((4, 1))))
    return folder


@pytest.mark.parametrize("flavor", ["lightgbm", "xgboost", "sklearn", "onnx"])
def test_file_is_known_by_its_content(flavor: str, files: Path, rows: pl.DataFrame) -> None:
    assert adopt(read_model_file(files / flavor), rows).flavor == flavor


def _archive(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, b"")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (pickle.dumps({}), UnsafeArtifactError, "found a pickle"),
        (_archive("archive/data.pkl"), UnsafeArtifactError, "found a pickle in"),
        (_archive("notes.txt"), InvalidInputError, "found another archive"),
        (_archive("notes.txt")[:20], InvalidInputError, "found a damaged archive"),
        (b"a,b\n1,2\n", InvalidInputError, "found something else"),
        (b"", InvalidInputError, "found something else"),
        (b"{}", InvalidInputError, "XGBoost"),
    ],
    ids=["pickle", "torch.save", "archive", "damaged", "table", "empty", "JSON"],
)
def test_other_files_are_refused(content: bytes, error: type[MillwrightError], message: str, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(error, match=message):
        read_model_file(tmp_path / "model")


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file"):
        read_model_file(tmp_path / "model.onnx")
