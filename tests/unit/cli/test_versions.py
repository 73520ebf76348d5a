from __future__ import annotations

import pytest


@pytest.fixture
def folder(tmp_path, mw):
    """A folder whose workspace holds two versions of `homes`."""
    for rows in ("1,Oslo,3\n2,Rome,4\n3,Bern,2\n", "1,Oslo,3\n2,Roma,4\n4,Pisa,1\n"):
        (tmp_path / "homes.csv").write_text("id,city,rooms\n" + rows, encoding="utf-8")
        mw(tmp_path, "data", "add", "homes.csv")
    return tmp_path


def test_data_tag_names_a_version_that_is_then_read_by_it(folder, mw):
    answer = mw(folder, "data", "tag", "homes@1", "golden")
    assert answer.out.startswith("✓ homes@1 is tagged golden.\nNext: mw data show homes@golden\n")
    assert mw(folder, "data", "show", "homes@golden", "--json").json["record"]["version"] == 1
    assert mw(folder, "data", "tag", "homes", "golden", "--json").json["tag"]["version"] == 2
    assert "no longer tagged golden" in mw(folder, "data", "tag", "homes", "golden", "--delete").out
    gone = mw(folder, "data", "show", "homes@golden")
    assert (gone.code, gone.err.count("\n")) == (1, 1)
    assert "no tag 'golden'" in gone.err


def test_data_tag_refuses_a_number(folder, mw):
    answer = mw(folder, "data", "tag", "homes", "7")
    assert answer.code == 1
    assert "neither a number nor like a date" in answer.err


def test_data_history_lists_versions_with_tags_and_who(folder, mw):
    mw(folder, "data", "tag", "homes@1", "golden")
    answer = mw(folder, "data", "history", "homes")
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith((" homes@", "homes@"))] == ["homes@2", "homes@1"]
    assert "golden" in answer.out
    assert "available" in answer.out
    assert "Next: mw data diff homes@1 homes@2" in answer.out
    entries = mw(folder, "data", "history", "homes", "--json").json
    assert [entry["tags"] for entry in entries] == [[], ["golden"]]
    assert all(entry["actor"] for entry in entries)


def test_data_diff_shows_rows_by_key(folder, mw):
    answer = mw(folder, "data", "diff", "homes@1", "homes@2", "--key", "id")
    assert "homes@1 → homes@2  3 → 3 rows" in answer.out
    assert "Rows by id: 1 added, 1 removed, 1 changed." in answer.out
    assert "city=Rome" in answer.out
    found = mw(folder, "data", "diff", "homes@1", "homes@2", "--key", "id", "--json").json
    assert found["changes"]["by_column"] == {"city": 1}


def test_data_diff_without_a_key_compares_whole_rows(folder, mw):
    answer = mw(folder, "data", "diff", "homes@1", "homes@2")
    assert "Rows as whole rows: 2 added, 2 removed." in answer.out
    assert "--key" in answer.out


def test_data_diff_of_equal_versions_says_so(folder, mw):
    assert "hold the same 3 rows" in mw(folder, "data", "diff", "homes@1", "homes@1").out


def test_data_vacuum_keeps_everything_unless_told(folder, mw):
    answer = mw(folder, "data", "vacuum")
    assert "Every version is kept" in answer.out
    assert "Next: mw data vacuum homes --keep 10" in mw(folder, "data", "vacuum", "homes").out
    assert [e["record"]["state"] for e in mw(folder, "data", "history", "homes", "--json").json] == ["available"] * 2


def test_data_vacuum_shows_then_removes_old_versions(folder, mw):
    shown = mw(folder, "data", "vacuum", "homes", "--keep", "1", "--dry-run")
    assert "homes@1" in shown.out
    assert "would expire" in shown.out
    assert "Next: mw data vacuum homes --keep 1" in shown.out
    done = mw(folder, "data", "vacuum", "homes", "--keep", "1", "--json").json
    assert done["datasets"][0]["expired"] == [1]
    gone = mw(folder, "data", "show", "homes@1")
    assert gone.code == 1
    assert "mw data history homes" in gone.err
    assert mw(folder, "data", "show", "homes@2").code == 0


def test_data_vacuum_says_why_every_version_of_a_dataset_stays(folder, mw):
    mw(folder, "data", "tag", "homes@1", "golden")
    shown = mw(folder, "data", "vacuum", "homes", "--keep", "1").out
    assert "tagged golden" in shown
    assert "Removed 0 versions" in shown


def test_data_vacuum_takes_the_rule_from_the_settings(folder, mw):
    (folder / "millwright.toml").write_text("[retention]\nkeep_versions = 1\n", encoding="utf-8")
    assert mw(folder, "data", "vacuum", "--json").json["datasets"][0]["expired"] == [1]


def test_data_lineage_goes_back_to_the_source_and_lists_files(folder, mw):
    answer = mw(folder, "data", "lineage", "homes@1", "--files")
    assert answer.out.startswith("dataset homes@1 (overwrite, 3 rows")
    assert "└─ read ← source homes.csv (" in answer.out
    assert ".parquet" in answer.out
    found = mw(folder, "data", "lineage", "homes@1", "--json").json
    assert [origin["kind"] for origin in found["origins"]["origins"]] == ["source"]
    assert len(found["files"]) == 1
    assert found["made"] == {"datasets": [], "models": []}
