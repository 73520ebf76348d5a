from __future__ import annotations

import polars as pl
import pytest


@pytest.fixture
def tables(tmp_path):
    before = pl.DataFrame({"days": [float(day % 40) for day in range(400)], "site": ["a", "b"] * 200})
    before.write_parquet(tmp_path / "before.parquet")
    before.with_columns(pl.col("days") + 60).write_csv(tmp_path / "now.csv")
    before.write_ndjson(tmp_path / "same.jsonl")
    return tmp_path


def test_two_files_of_any_kind_are_compared_without_a_workspace(tables, mw):
    answer = mw(tables, "monitor", "compare", "before.parquet", "now.csv")
    assert answer.code == 0
    assert answer.out.startswith("400 rows beside 400: 1 of 2 drifted.\n")
    (line,) = [line for line in answer.out.splitlines() if line.split()[:1] == ["days"]]
    assert line.split()[-1] == "yes"
    assert not (tables / ".millwright").exists()


def test_exit_code_tells_of_drift_when_it_is_asked_to(tables, mw):
    found = mw(tables, "monitor", "compare", "before.parquet", "now.csv", "--fail", "--json")
    assert found.code == 1
    assert found.json["drifted"] == ["days"]
    assert [column["column"] for column in found.json["columns"]] == ["days", "site"]
    assert mw(tables, "monitor", "compare", "before.parquet", "same.jsonl", "--fail").code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.parquet", "There is no file none.parquet. Did you mean 'broken.parquet'?"),
        (
            "notes.txt",
            "Expected a table in notes.txt (CSV, TSV, Parquet, JSON lines or JSON), found text in a single column",
        ),
        ("broken.parquet", "Expected a Parquet file in broken.parquet, found something else or a part of one"),
    ],
)
def test_file_that_cannot_be_read_is_told(tables, mw, name, said):
    (tables / "notes.txt").write_text("x")
    (tables / "broken.parquet").write_text("x")
    answer = mw(tables, "monitor", "compare", "before.parquet", name)
    assert answer.code == 1
    assert said in answer.err
