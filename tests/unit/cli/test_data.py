from __future__ import annotations

import polars as pl
import pytest

from millwright.cli.data import first_rows


@pytest.fixture
def folder(tmp_path):
    """A folder with `my [data].csv`: four rows, one of which breaks `contract.yaml`."""
    (tmp_path / "my [data].csv").write_text("city,rooms\nOslo,3\nRome,4\nBern,two\nPisa,1\n", encoding="utf-8")
    contract = "name: homes\nmax_quarantined: 0.5\ncolumns:\n  city: {type: string}\n  rooms: {type: integer, min: 1}\n"
    (tmp_path / "contract.yaml").write_text(contract, encoding="utf-8")
    return tmp_path


def test_data_add_records_a_version_named_after_the_file(folder, mw):
    answer = mw(folder, "data", "add", "my [data].csv")
    assert answer.out.startswith("✓ my-data@1: 4 rows, 2 columns.\nNext: mw data show my-data@1\n")


def test_data_add_again_gives_the_same_version(folder, mw):
    first = mw(folder, "data", "add", "my [data].csv", "--name", "homes", "--json").json
    again = mw(folder, "data", "add", "my [data].csv", "--name", "homes", "--json").json
    assert (first.pop("is_new"), again.pop("is_new")) == (True, False)
    assert (first.pop("rows_read"), again.pop("rows_read")) == (4, 0)
    assert again == first
    assert (first["dataset"], first["version"], first["rows"]) == ("homes", 1, 4)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("gone.csv", None, "gone.csv"),
        ("empty.csv", "", "empty"),
        ("header.csv", "a,b\n", "header.csv"),
        ("binary.csv", "\0\1\2", "binary.csv"),
    ],
)
def test_data_add_refuses_what_is_no_table_with_one_line(tmp_path, mw, file, content, message):
    if content is not None:
        (tmp_path / file).write_text(content, encoding="utf-8")
    answer = mw(tmp_path, "data", "add", file)
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert mw(tmp_path, "data", "list", "--json").json == []


def test_data_list_shows_datasets_with_rows_and_source(folder, mw):
    mw(folder, "data", "add", "my [data].csv")
    answer = mw(folder, "data", "list")
    row = next(line for line in answer.out.splitlines() if "my-data@1" in line)
    assert "my [data].csv" in row
    assert "Next: mw data show my-data@1" in answer.out


def test_data_list_of_an_empty_workspace_says_what_to_do(tmp_path, mw):
    assert mw(tmp_path, "data", "list").out == "No dataset is in this workspace.\nNext: mw data add FILE\n"


def test_data_show_describes_columns_and_prints_the_first_rows(folder, mw):
    mw(folder, "data", "add", "my [data].csv")
    answer = mw(folder, "data", "show", "my-data", "--limit", "2")
    lines = answer.out.splitlines()
    assert any(line.split()[:2] == ["city", "text"] or line.split()[0:1] == ["city"] for line in lines if line.strip())
    assert any(line.split() == ["Oslo", "3"] for line in lines)
    assert any(line.split() == ["Rome", "4"] for line in lines)
    assert not any("Bern" in line and "two" in line for line in lines)


def test_data_show_gives_record_profile_and_rows_as_json(folder, mw):
    mw(folder, "data", "add", "my [data].csv")
    shown = mw(folder, "data", "show", "my-data@1", "--limit", "1", "--json").json
    assert shown["record"]["rows"] == 4
    assert [column["name"] for column in shown["profile"]["columns"]] == ["city", "rooms"]
    assert shown["rows"] == [{"city": "Oslo", "rooms": "3"}]


@pytest.mark.parametrize(
    ("dataset", "message"), [("my-dat", "my-data"), ("my-data@7", "my-data"), ("my-data@x", "no tag 'x'")]
)
def test_data_show_of_an_unknown_dataset_is_one_line(folder, mw, dataset, message):
    mw(folder, "data", "add", "my [data].csv")
    answer = mw(folder, "data", "show", dataset)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_first_rows_leave_out_columns_for_which_there_is_no_room():
    frame = pl.DataFrame({f"column_{number}": ["x" * 30] for number in range(30)})
    text = first_rows(frame, 5, 100)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "column_0" in text
    assert "…" in text
