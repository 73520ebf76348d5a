from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.encoder import Encoder
    from millwright.models.model import Model
    from millwright.models.signature import Signature


def test_model_answers_as_its_estimator_does(
    model: Model, frame: pl.DataFrame, signature: Signature, encoder: Encoder
) -> None:
    matrix = encoder.encode(frame, signature)
    answers = model.predict(frame)

    np.testing.assert_array_equal(answers["probability"].to_numpy(), model.estimator.predict_proba(matrix)[:, 1])
    np.testing.assert_array_equal(answers["prediction"].to_numpy(), model.estimator.predict(matrix) == 1)


def test_model_answers_nothing_when_there_are_no_rows(model: Model, frame: pl.DataFrame) -> None:
    assert model.predict(frame.clear()).height == 0


def test_model_names_the_column_that_is_missing(model: Model, frame: pl.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="'note' is missing"):
        model.predict(frame.drop("note"))


def test_model_does_not_look_at_other_columns(model: Model, frame: pl.DataFrame, target: pl.Series) -> None:
    assert model.predict(frame.with_columns(target)).equals(model.predict(frame))
