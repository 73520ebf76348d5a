from __future__ import annotations

import pytest


@pytest.fixture
def folder(tmp_path):
    """A folder with `homes.csv`: texts, numbers as text, and addresses of mail."""
    rows = [f"Oslo,{number},p{number}@example.org" for number in range(30)]
    (tmp_path / "homes.csv").write_text("city,rooms,mail\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("source", ["homes.csv", "homes", "homes@1"])
def test_data_profile_shows_columns_of_files_and_datasets(folder, mw, source):
    mw(folder, "data", "add", "homes.csv")
    answer = mw(folder, "data", "profile", source)
    assert answer.code == 0
    assert answer.out.startswith("30 rows, 3 columns. All counts and quantiles are exact.\n")
    assert any(line.split()[:3] == ["city", "category", "categorical"] for line in answer.out.splitlines())
    assert "Suspected personal data, values hidden: mail (email)." in answer.out
    assert "example.org" not in answer.out


def test_data_profile_of_chosen_columns_is_in_detail(folder, mw):
    answer = mw(folder, "data", "profile", "homes.csv", "--columns", "city, rooms")
    assert "30 rows, 2 columns." in answer.out
    assert any(line.split() == ["Oslo", "30"] for line in answer.out.splitlines())
    assert "1 to 2 characters, mean 1.667" in answer.out
    shown = mw(folder, "data", "profile", "homes.csv", "--columns", "rooms", "--json").json
    assert [column["name"] for column in shown["profile"]["columns"]] == ["rooms"]


def test_data_profile_of_an_unknown_column_names_close_ones(folder, mw):
    answer = mw(folder, "data", "profile", "homes.csv", "--columns", "room")
    assert answer.code == 1
    assert "found 'room'" in answer.err
    assert "rooms" in answer.err
    assert answer.err.count("\n") == 1


def test_data_profile_writes_a_page(folder, mw):
    answer = mw(folder, "data", "profile", "homes.csv", "--html", "homes.html")
    assert "✓ Profile written to homes.html." in answer.out
    page = (folder / "homes.html").read_text(encoding="utf-8")
    assert "<h1>homes.csv</h1>" in page
    assert "example.org" not in page


@pytest.mark.parametrize("source", ["gone.csv", "unknown", "homes@7"])
def test_data_profile_of_what_is_not_there_is_one_line(folder, mw, source):
    mw(folder, "data", "add", "homes.csv")
    answer = mw(folder, "data", "profile", source)
    assert answer.code == 1
    assert answer.err.count("\n") == 1


def test_data_profile_draws_numbers_as_blocks(folder, mw):
    import polars as pl

    pl.DataFrame({"n": range(100)}).write_parquet(folder / "n.parquet")
    answer = mw(folder, "data", "profile", "n.parquet", "--columns", "n")
    assert "█" * 20 in answer.out
    assert "50%" in answer.out
