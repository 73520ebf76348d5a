"""What Spark's workers do with a batch; whole tables are in test_spark_engine.py."""

from __future__ import annotations

import pickle

import polars as pl
import pyarrow as pa
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts import parse_contract
from millwright.data.engines.spark_relation import PLACE
from millwright.data.engines.validation import BatchJudge, validate_on_spark

CONTRACT = parse_contract(
    "name: t\ncolumns: {a: {type: integer, min: 0}, b: {type: number, severity: {max: warn}, max: 2}}"
)
TEXTS = pa.list_(pa.string())
SCHEMA = pa.schema(
    [("a", pa.int64()), ("b", pa.float64()), ("_reasons", TEXTS), ("_warnings", TEXTS), (PLACE, pa.int64())]
)


def test_a_batch_comes_back_in_the_contract_s_types_with_reasons_and_places() -> None:
    judge = pickle.loads(pickle.dumps(BatchJudge(CONTRACT, SCHEMA)))  # noqa: S301 (our own bytes)
    raw = pl.DataFrame({"a": ["1", "-1", "x"], "b": ["0.5", "3", ""], PLACE: [7, 8, 9]})
    batches = raw.to_arrow().to_batches()
    (found,) = judge(iter(batches))
    assert found.schema == SCHEMA
    assert pl.DataFrame(found).rows() == [
        (1, 0.5, [], [], 7),
        (-1, 3.0, ["a: below 0"], ["b: above 2"], 8),
        (None, None, ["a: not a whole number"], [], 9),
    ]


def test_the_folder_has_to_be_empty(tmp_path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(InvalidInputError, match="Expected an empty folder"):
        validate_on_spark(pl.DataFrame({"a": ["1"]}), CONTRACT, tmp_path)


def test_columns_that_do_not_fit_are_told_before_spark_starts(tmp_path) -> None:
    with pytest.raises(InvalidInputError, match="_row"):
        validate_on_spark(pl.DataFrame({"a": ["1"], "_row": [1]}), CONTRACT, tmp_path)
