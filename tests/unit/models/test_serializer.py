from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.models.model import Model
from millwright.models.serializer import ModelSerializer
from unit.models.functions import ROWS, delay_module

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl


def test_serializer_gives_back_a_model_that_answers_alike(model: Model, frame: pl.DataFrame) -> None:
    serializer = ModelSerializer()
    data = serializer.dumps(model)

    assert serializer.dumps(model) == data
    assert serializer.loads(data, Model).predict(frame).equals(model.predict(frame))


def test_serializer_handles_models_only() -> None:
    assert ModelSerializer().handles(Model)
    assert not ModelSerializer().handles(dict)


def test_serializer_reads_models_that_are_code_only_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 1.0})
    data = ModelSerializer().dumps(adopt(function, ROWS))

    assert ModelSerializer(allow_code=True).loads(data, Model).predict(ROWS)["prediction"][0] == 15
    with pytest.raises(UnsafeArtifactError, match="allow_code"):
        ModelSerializer().loads(data, Model)
