from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, UnanswerableError
from millwright.models.adoption import adopt
from millwright.models.feed import collected, feeds_of_frame, feeds_of_rows
from unit.models.tensor_graphs import picture_graph, pictures, sentence_graph


def test_rows_of_equal_shape_go_together_and_come_back_in_order():
    signature = adopt(sentence_graph(), np.arange(8).reshape(2, 4)).signature
    rows = [{"ids": [1, 2]}, {"ids": [3]}, {"ids": [4, 5]}]
    feeds = list(feeds_of_rows(rows, signature))
    assert [(list(feed.places), feed.arrays["ids"].tolist()) for feed in feeds] == [
        ([0, 2], [[1, 2], [4, 5]]),
        ([1], [[3]]),
    ]
    found = collected(iter(feeds), lambda arrays, _: arrays["ids"].sum(axis=1), 3)
    assert found.tolist() == [3, 3, 9]
    ragged = collected(iter(feeds), lambda arrays, _: arrays["ids"], 3)
    assert [each.tolist() for each in ragged] == [[1, 2], [3], [4, 5]]


def test_large_tables_go_in_runs_that_fit_into_memory(monkeypatch):
    monkeypatch.setattr("millwright.models.feed._RUN_BYTES", 24 * 4 * 3)
    model = adopt(picture_graph(), pictures(3))
    images = pictures(7)
    sizes = [len(feed.places) for feed in feeds_of_frame(pl.DataFrame({"image": images}), model.signature)]
    assert sizes == [3, 3, 1]
    whole = model.estimator.compute({"image": images})
    np.testing.assert_allclose(model.compute_rows([{"image": image} for image in images]), whole, rtol=1e-5)


def test_null_has_no_form():
    signature = adopt(picture_graph(), pictures(3)).signature
    with pytest.raises(InvalidInputError, match="Column 'image' is null"):
        list(feeds_of_rows([{"image": None}], signature))


def test_rows_that_the_model_cannot_answer_are_named():
    model = adopt(sentence_graph(), np.arange(8).reshape(2, 4))
    rows = [{"ids": ids} for ids in ([1, 2], [3, 50], [4], [-51])]

    with pytest.raises(UnanswerableError, match=r"^Row 1: the values fit the signature, but") as caught:
        model.compute_rows(rows)

    assert caught.value.details["rows"] == [1, 3]
    assert "idx=50 must be within the inclusive range [-50,49]" in caught.value.reasons[1]
    with pytest.raises(UnanswerableError, match=r"idx=-51 must be within .* \[-50,49\]\. Sizes have to fit"):
        model.compute_rows(rows[3:])
