from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import Digest
from millwright.core.records.dataset import ColumnSchema, DatasetKind, DatasetVersionRecord
from millwright.data.datasets.dataset import Dataset
from millwright.tracking.dataset_input import dataset_input, frame_digest

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.5, 1.5], "d": [date(2026, 1, 1)] * 2})


def test_frame_is_told_by_columns_counts_and_digest() -> None:
    used = dataset_input(FRAME, name="delays", context="evaluation", source="s3://b/k.parquet")
    assert (used.name, used.context, used.digest) == ("delays", "evaluation", frame_digest(FRAME))
    assert [(column["name"], column["type"]) for column in json.loads(str(used.schema))["mlflow_colspec"]] == [
        ("a", "long"),
        ("b", "string"),
        ("c", "double"),
        ("d", "datetime"),
    ]
    assert json.loads(str(used.profile)) == {"num_rows": 2, "num_elements": 8}
    assert json.loads(used.source) == {"uri": "s3://b/k.parquet"}


def test_digest_changes_with_values_names_types_and_order() -> None:
    others = [
        FRAME.with_columns(a=pl.Series([1, 3])),
        FRAME.rename({"a": "z"}),
        FRAME.cast({"a": pl.Int32}),
        FRAME.reverse(),
    ]
    assert len({frame_digest(frame) for frame in [FRAME, *others]}) == 5
    assert frame_digest(FRAME) == frame_digest(FRAME.clone())
    assert frame_digest(pl.DataFrame()) == frame_digest(pl.DataFrame())


@pytest.mark.parametrize("data", [pd.DataFrame({"a": [1, 2]}), pl.LazyFrame({"a": [1, 2]})])
def test_other_frames_are_read_as_the_same(data: Any) -> None:
    assert dataset_input(data).digest == dataset_input(pl.DataFrame({"a": [1, 2]})).digest


def test_dataset_of_the_workspace_is_told_from_its_record() -> None:
    record = DatasetVersionRecord(
        dataset="schedules",
        version=3,
        kind=DatasetKind.SOURCE,
        digest=Digest("d" * 64),
        table_uri="t",
        table_version=0,
        rows=10,
        columns=(ColumnSchema(name="a", dtype="Int64"),),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    used = dataset_input(Dataset(record))
    assert (used.name, used.digest) == ("schedules", "d" * 36)
    assert json.loads(used.source) == {"dataset": "schedules", "version": 3}


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="Polars or pandas frame"):
        dataset_input([1, 2])
