from __future__ import annotations

import polars as pl
import pytest


@pytest.fixture
def folder(tmp_path):
    """A folder with `prices.parquet` (typed) and files of changes as text."""
    frame = pl.DataFrame({"id": [1, 2, 3], "cost": [1.0, 2.0, None], "on": [True, None, False]})
    frame.write_parquet(tmp_path / "prices.parquet")
    (tmp_path / "more.csv").write_text("id,cost,on\n4,4.5,TRUE\n5, ,0\n", encoding="utf-8")
    (tmp_path / "changes.csv").write_text("id,cost,on\n2,2.0,\n3,9,true\n7,7,\n", encoding="utf-8")
    (tmp_path / "wrong.csv").write_text("id,cost,on\n8,8,\n9,cheap,\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def added(folder, mw):
    assert mw(folder, "data", "add", "prices.parquet").code == 0
    return folder


def rows(mw, folder, ref="prices"):
    return [tuple(row.values()) for row in mw(folder, "data", "show", ref, "--json").json["rows"]]


def test_append_reads_text_as_the_dataset_s_types_and_the_same_file_once(added, mw):
    answer = mw(added, "data", "append", "prices", "more.csv")
    assert "✓ prices@2: 5 rows (2 added, 0 updated, 0 removed, 3 unchanged)." in answer.out
    assert "mw data diff prices@1 prices@2" in answer.out
    assert rows(mw, added)[3:] == [(4, 4.5, True), (5, None, False)]
    again = mw(added, "data", "append", "prices", "more.csv")
    assert "prices@2 holds this already; no version was made." in again.out
    assert "Its file was read before" in again.out + again.err
    assert mw(added, "data", "append", "prices", "more.csv", "--again", "--json").json["version"] == 3


def test_append_writes_rows_that_were_overwritten_or_undone_since(added, mw):
    assert mw(added, "data", "append", "prices", "more.csv", "--json").json["version"] == 2
    assert mw(added, "data", "restore", "prices@1", "--json").json["version"] == 3
    assert mw(added, "data", "append", "prices", "more.csv", "--json").json["rows"] == 5
    pl.read_parquet(added / "prices.parquet").head(1).write_parquet(added / "other.parquet")
    assert mw(added, "data", "add", "other.parquet", "--name", "prices", "--json").json["version"] == 5
    assert "prices@6: 4 rows (3 added" in mw(added, "data", "append", "prices", "prices.parquet").out


def test_append_makes_a_dataset_that_is_not_there(folder, mw):
    assert mw(folder, "data", "append", "new", "more.csv", "--json").json["version"] == 1


def test_merge_updates_by_key(added, mw):
    answer = mw(added, "data", "merge", "prices", "changes.csv", "--key", "id")
    assert "prices@2: 4 rows (1 added, 1 updated, 0 removed, 2 unchanged)." in answer.out
    assert rows(mw, added) == [(1, 1.0, True), (2, 2.0, None), (3, 9.0, True), (7, 7.0, None)]
    assert "holds this already" in mw(added, "data", "merge", "prices", "changes.csv", "--key", "id").out


@pytest.mark.parametrize("key", [("--key", "day,site"), ("--key", "day", "--key", "site")])
def test_every_column_of_a_key_counts(folder, mw, key):
    (folder / "old.csv").write_text("day,site,n\n1,a,1\n1,b,2\n", encoding="utf-8")
    (folder / "new.csv").write_text("day,site,n\n1,b,3\n2,b,4\n", encoding="utf-8")
    assert mw(folder, "data", "add", "old.csv", "--name", "t", *key).code == 0
    assert "(1 added, 1 updated, 0 removed, 1 unchanged)" in mw(folder, "data", "merge", "t", "new.csv", *key).out
    assert "Rows by day, site: 1 added, 0 removed, 1 changed." in mw(folder, "data", "diff", "t@1", "t@2", *key).out


def test_delete_and_restore_make_versions(added, mw):
    answer = mw(added, "data", "delete", "prices", "--where", "cost > 1 OR id = 3")
    assert "prices@2: 1 rows (0 added, 0 updated, 2 removed, 1 unchanged)." in answer.out
    restored = mw(added, "data", "restore", "prices@1", "--json").json
    assert (restored["version"], restored["operation"], restored["parent"], restored["rows"]) == (3, "restore", 1, 3)
    assert len(rows(mw, added)) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("append", "prices", "wrong.csv"), "Expected Float64 in column 'cost', found 'cheap' in row 2"),
        (("merge", "prices", "changes.csv", "--key", "nr"), "no column 'nr' of the key"),
        (("merge", "prices", "changes.csv", "--key", "id", "--expect", "7"), "Expected prices@7 to be the latest"),
        (("delete", "prices", "--where", "cost >"), "Expected a condition in SQL"),
        (("delete", "prices", "--where", "costs > 1"), "has no column 'costs'. Did you mean 'cost'?"),
        (("delete", "price", "--where", "cost > 1"), "Did you mean 'prices'?"),
        (("restore", "prices@9"), "no version 9"),
    ],
)
def test_what_cannot_be_done_is_one_line(added, mw, words, told):
    answer = mw(added, "data", *words)
    assert answer.code == 1
    assert told in answer.err
    assert answer.err.count("\n") == 1


def test_new_columns_have_to_be_allowed(added, mw):
    (added / "wide.csv").write_text("id,cost,on,note\n4,4,,late\n", encoding="utf-8")
    refused = mw(added, "data", "append", "prices", "wide.csv")
    assert "column 'note': expected none, found String" in refused.err
    assert "--evolve" in refused.err
    mw(added, "data", "append", "prices", "wide.csv", "--evolve")
    assert rows(mw, added)[2:] == [(3, None, False, None), (4, 4.0, None, "late")]
