"""Columns of arrays in files: Arrow's lists and fixed-size lists, nested and flat."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from millwright.core.errors import InvalidInputError
from millwright.deployment.batch import BatchOptions
from millwright.deployment.batch.table import predict_table
from millwright.models.adoption import adopt
from millwright.models.package import pack
from unit.models.tensor_graphs import picture_graph, pictures, sentence_graph

IMAGES = pictures(7)


@pytest.fixture(scope="module")
def model():
    return adopt(picture_graph(), IMAGES)


@pytest.mark.parametrize("form", ["array", "lists", "flat list", "fixed-size list"])
def test_parquet_is_predicted_whatever_lists_hold_the_arrays(tmp_path, model, form):
    flat = IMAGES.reshape(7, -1)
    columns = {
        "array": pl.Series(IMAGES).to_arrow(),
        "lists": pa.array(IMAGES.tolist(), pa.list_(pa.list_(pa.list_(pa.float32())))),
        "flat list": pa.array(flat.tolist(), pa.list_(pa.float64())),
        "fixed-size list": pa.FixedSizeListArray.from_arrays(pa.array(flat.reshape(-1)), 24),
    }
    parquet.write_table(pa.table({"id": list(range(7)), "image": columns[form]}), tmp_path / "in.parquet")

    result = predict_table(
        pack(model),
        str(tmp_path / "in.parquet"),
        tmp_path / "out.parquet",
        model_ref="pictures@1",
        options=BatchOptions(chunk_rows=3),
    )

    found = pl.read_parquet(tmp_path / "out.parquet")
    assert (result.rows, result.rejected, found["id"].to_list()) == (7, 0, list(range(7)))
    expected = model.estimator.compute({"image": IMAGES})
    np.testing.assert_allclose(np.array(found["prediction"].to_list()), expected, rtol=1e-6)


def test_rows_that_do_not_fit_go_aside_with_expected_and_found_shapes(tmp_path, model):
    rows = [IMAGES[0].tolist(), IMAGES[1][:1].tolist(), None, IMAGES[2].tolist()]
    pl.DataFrame({"image": rows}).write_parquet(tmp_path / "in.parquet")

    result = predict_table(pack(model), str(tmp_path / "in.parquet"), tmp_path / "out.jsonl", model_ref="pictures@1")

    assert (result.rows, result.rejected) == (2, 2)
    bad = pl.read_ndjson(result.rejected_path)
    expected = "column 'image': expected a tensor of shape [2, 3, 4] of finite float32, found "
    assert bad.select("_row", "_reasons").rows() == [
        (1, f"{expected}a tensor of shape [1, 3, 4]"),
        (2, f"{expected}null"),
    ]


def test_lists_of_any_length_are_predicted_from_json_lines_and_written_as_csv(tmp_path):
    model = adopt(sentence_graph(), np.arange(12).reshape(3, 4))
    rows = [{"ids": [1, 2]}, {"ids": [7]}, {"ids": [3, 4, 5]}]
    pl.DataFrame(rows).write_ndjson(tmp_path / "in.jsonl")

    predict_table(pack(model), str(tmp_path / "in.jsonl"), tmp_path / "out.csv", model_ref="sentences@1")

    expected = [row["prediction"] for row in model.predict(pl.DataFrame(rows)).to_dicts()]
    found = pl.read_csv(tmp_path / "out.csv")["prediction"].str.json_decode(pl.List(pl.Float64)).to_list()
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_text_is_no_array(tmp_path, model):
    (tmp_path / "in.csv").write_text("image\n1 2 3\n")
    with pytest.raises(
        InvalidInputError, match=r"expected a tensor of shape \[2, 3, 4\] of finite float32, found the text"
    ):
        predict_table(pack(model), str(tmp_path / "in.csv"), tmp_path / "out.csv", model_ref="pictures@1")
