from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.models.model import Model
from millwright.models.serializer import ModelSerializer

if TYPE_CHECKING:
    import polars as pl


def test_serializer_gives_back_a_model_that_answers_alike(model: Model, frame: pl.DataFrame) -> None:
    serializer = ModelSerializer()
    data = serializer.dumps(model)

    assert serializer.dumps(model) == data
    assert serializer.loads(data, Model).predict(frame).equals(model.predict(frame))


def test_serializer_handles_models_only() -> None:
    assert ModelSerializer().handles(Model)
    assert not ModelSerializer().handles(dict)
