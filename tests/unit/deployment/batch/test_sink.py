from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.deployment.batch.sink import open_sink

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", "y, z"]})


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("out.csv", pl.read_csv),
        ("out.tsv", lambda path: pl.read_csv(path, separator="\t")),
        ("out.jsonl", pl.read_ndjson),
        ("out.parquet", pl.read_parquet),
    ],
)
def test_chunks_become_one_file(tmp_path, name, read):
    with open_sink(tmp_path / name) as sink:
        sink.write(FRAME)
        sink.write(FRAME)
        assert not (tmp_path / name).exists()
        sink.commit()
    assert read(tmp_path / name).equals(pl.concat([FRAME, FRAME]))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_csv_holds_lists_records_and_bytes_as_json(tmp_path):
    frame = pl.DataFrame({"a": [[1, 2], None], "b": [{"c": "x, y"}, {"c": None}], "d": [b"\x00", None]})
    with open_sink(tmp_path / "out.csv") as sink:
        sink.write(frame)
        sink.commit()
    rows = pl.read_csv(tmp_path / "out.csv", infer_schema=False).rows()
    assert rows == [("[1,2]", '{"c":"x, y"}', '"AA=="'), (None, '{"c":null}', None)]


def test_file_that_is_there_stays_until_the_new_one_is_whole(tmp_path):
    (tmp_path / "out.csv").write_text("before")
    with open_sink(tmp_path / "out.csv") as sink:
        sink.write(FRAME)
        assert (tmp_path / "out.csv").read_text() == "before"
        sink.commit()
    assert (tmp_path / "out.csv").read_text().startswith("a,b")


def write_and_fail(path) -> None:
    with open_sink(path) as sink:
        sink.write(FRAME)
        raise RuntimeError("power cut")


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_failure_leaves_nothing_behind(tmp_path, name):
    with pytest.raises(RuntimeError, match="power cut"):
        write_and_fail(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_column_without_values_in_a_later_chunk_keeps_its_type(tmp_path):
    with open_sink(tmp_path / "out.parquet") as sink:
        sink.write(FRAME)
        sink.write(pl.DataFrame({"a": [None], "b": ["x"]}))
        sink.commit()
    assert pl.read_parquet(tmp_path / "out.parquet")["a"].to_list() == [1, 2, None]


def test_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="cannot be written"):
        open_sink(tmp_path / "no" / "out.csv")


def test_unknown_format_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="Expected a file that ends in"):
        open_sink(tmp_path / "out.xlsx")
