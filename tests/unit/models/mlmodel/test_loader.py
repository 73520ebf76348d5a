from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from millwright.core.errors import UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.models.mlmodel.loader import ALLOW_CODE, _load_pyfunc
from millwright.models.package import pack
from unit.models.functions import ROWS, delay_module

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from millwright.models.model import Model


def test_loaded_package_answers_a_pandas_frame_with_its_index(
    model: Model, frame: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "package.zip").write_bytes(pack(model))
    rows = frame.head(4).to_pandas().set_index(pd.Index([7, 5, 3, 1]))

    found = _load_pyfunc(str(tmp_path / "package.zip")).predict(rows)

    assert list(found.columns) == ["prediction", "probability"]
    assert list(found.index) == [7, 5, 3, 1]
    assert found["prediction"].tolist() == model.predict(frame.head(4))["prediction"].to_list()


def test_package_that_is_code_loads_when_the_environment_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 1.0})
    (tmp_path / "package.zip").write_bytes(pack(adopt(function, ROWS)))

    with pytest.raises(UnsafeArtifactError, match="allow_code"):
        _load_pyfunc(str(tmp_path / "package.zip"))
    monkeypatch.setenv(ALLOW_CODE, "true")
    assert _load_pyfunc(str(tmp_path / "package.zip")).predict(ROWS.to_pandas())["prediction"].tolist()[:2] == [15, 21]
