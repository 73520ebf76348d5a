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


def test_numbers_of_text_files_are_compared_as_numbers(tables, mw):
    pl.read_parquet(tables / "before.parquet").write_csv(tables / "before.csv")
    found = mw(tables, "monitor", "compare", "before.csv", "now.csv", "--json").json
    assert found["drifted"] == ["days"]
    assert [column["kind"] for column in found["columns"]] == ["numeric", "categorical"]
    assert found["retyped"] == []


def test_columns_of_another_type_or_of_one_file_alone_are_told(tables, mw):
    (tables / "other.csv").write_text("days,extra\n" + "many,1\nfew,2\n" * 200)
    answer = mw(tables, "monitor", "compare", "before.parquet", "other.csv", "--fail")
    assert answer.code == 1
    told = [line for line in answer.err.splitlines() + answer.out.splitlines() if line.startswith("! ")]
    assert told == [
        "! of another type: days (number, now text)",
        "! only in the reference: site",
        "! only in what is compared with it: extra",
    ]
    found = mw(tables, "monitor", "compare", "before.parquet", "other.csv", "--json").json
    assert found["retyped"] == [{"column": "days", "reference": "number", "current": "text"}]


def test_type_that_changed_alone_ends_with_an_exit_code(tables, mw):
    pl.DataFrame({"days": [True, False] * 200, "site": ["a", "b"] * 200}).write_parquet(tables / "flags.parquet")
    pl.DataFrame({"days": [0, 1] * 200, "site": ["a", "b"] * 200}).write_parquet(tables / "bits.parquet")
    answer = mw(tables, "monitor", "compare", "bits.parquet", "flags.parquet", "--fail")
    assert (answer.code, "of another type: days (integer, now boolean)" in answer.out + answer.err) == (1, True)


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
