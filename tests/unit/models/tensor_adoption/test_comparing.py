from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.adoption import adopt
from millwright.models.feed import feeds_of_frame
from millwright.models.tensor_adoption.comparing import compare_forms
from unit.models.tensor_graphs import picture_graph, pictures


def test_form_that_answers_otherwise_beyond_the_sample_is_refused():
    model = adopt(picture_graph(), pictures(5))
    sample = next(feeds_of_frame(pl.DataFrame({"image": pictures(5)}), model.signature))
    compare_forms(model, sample, model.answer_arrays)

    def clipped(arrays: Any) -> Any:
        low, high = sample.arrays["image"].min(), sample.arrays["image"].max()
        return model.answer_arrays({"image": np.clip(arrays["image"], low, high)})

    with pytest.raises(InvalidInputError, match="its stored form answers otherwise: answers differ"):
        compare_forms(model, sample, clipped)

    def stuck(arrays: Any) -> Any:
        if len(arrays["image"]) != 5:
            raise RuntimeError("only five rows")
        return model.answer_arrays(arrays)

    with pytest.raises(InvalidInputError, match=r"does not answer arrays of other sizes, 'image' .*: only five rows"):
        compare_forms(model, sample, stuck)
