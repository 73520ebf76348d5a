from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from millwright.deployment.batch.delta import DeltaTarget, delta_chunks

FRAME = pl.DataFrame({"id": range(10), "Day ": [date(2026, 1, 1 + n % 2) for n in range(10)]})


@pytest.mark.parametrize("partition_by", [None, ["Day "]])
def test_version_comes_in_chunks_in_one_order(tmp_path, partition_by):
    uri = str(tmp_path / "t")
    write_deltalake(uri, FRAME, partition_by=partition_by)
    write_deltalake(uri, FRAME, mode="append")
    chunks = delta_chunks(uri, 1, 4)
    frames = list(chunks.frames)
    assert (chunks.columns, chunks.rows) == (("id", "Day"), 20)
    assert [frame.height for frame in frames] == [4] * 5
    whole = pl.concat(frames)
    assert whole.sort("id").equals(pl.concat([FRAME, FRAME]).rename({"Day ": "Day"}).sort("id"))
    assert pl.concat(delta_chunks(uri, 1, 7).frames).equals(whole)
    assert delta_chunks(uri, 0, 4).rows == 10


def test_table_that_needs_a_newer_reader_is_left_to_others(tmp_path):
    uri = str(tmp_path / "t")
    write_deltalake(uri, FRAME, configuration={"delta.enableDeletionVectors": "true"})
    assert delta_chunks(uri, 0, 4) is None


def test_predictions_are_one_commit_in_types_that_delta_has(tmp_path):
    frame = pl.DataFrame({"n": pl.Series([1, 2], dtype=pl.UInt8), "c": pl.Series(["a", "b"], dtype=pl.Categorical)})
    target = DeltaTarget(str(tmp_path / "t"), "")
    assert target.write(iter([frame, frame]), "job") == "0"
    table = DeltaTable(tmp_path / "t")
    assert [(field.name, field.type.type) for field in table.schema().fields] == [("n", "short"), ("c", "string")]
    assert target.write(iter([frame]), "job") == "0"
