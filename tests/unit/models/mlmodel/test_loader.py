from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from millwright.models.mlmodel.loader import _load_pyfunc
from millwright.models.package import pack

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
