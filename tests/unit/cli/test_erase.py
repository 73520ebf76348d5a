from __future__ import annotations

import pytest

PERSON = "zoe@example.com"


@pytest.fixture
def folder(tmp_path, mw):
    """A folder whose workspace holds two versions of `people`, both with her, and tells nothing else."""
    for rows in (f"1,{PERSON}\n2,bo@x\n", f"1,{PERSON}\n2,bo@x\n3,cy@x\n"):
        (tmp_path / "people.csv").write_text("id,email\n" + rows, encoding="utf-8")
        mw(tmp_path, "data", "add", "people.csv")
    return tmp_path


def test_data_erase_only_shows_what_would_go_without_yes(folder, mw):
    answer = mw(folder, "data", "erase", "people", "--key", f"email={PERSON}")
    assert "people@1" in answer.out
    assert "Nothing was changed." in answer.out
    assert "people.csv" in answer.out  # the source is not ours to change
    assert mw(folder, "data", "show", "people", "--json").json["record"]["rows"] == 3


@pytest.mark.parametrize("option", [("--key", f"email={PERSON}"), ("--where", f"email = '{PERSON}'")])
def test_data_erase_takes_the_rows_out_of_all_versions(folder, mw, option):
    answer = mw(folder, "data", "erase", "people", *option, "--reason", "request 12", "--yes")
    assert "✓ Erased from 2 versions of 1 datasets" in answer.out
    assert "1 erased" in mw(folder, "data", "history", "people").out
    entries = mw(folder, "data", "history", "people", "--json").json
    assert [entry["record"]["rows"] for entry in entries] == [2, 1]
    held = [
        path for path in (folder / ".millwright").rglob("*") if path.is_file() and PERSON.encode() in path.read_bytes()
    ]
    assert held == []
    again = mw(folder, "data", "erase", "people", *option, "--reason", "request 12", "--yes")
    assert "No version holds such rows" in again.out


def test_data_erase_reports_as_json(folder, mw):
    args = ("--key", f"email={PERSON}", "--reason", "request 12", "--yes", "--json")
    found = mw(folder, "data", "erase", "people", *args).json
    assert found["datasets"][0]["record"]["versions"] == {"1": 1, "2": 1}
    assert found["not_touched"][0]["kind"] == "source"


def test_data_erase_reaches_the_quarantine_when_asked(folder, mw):
    (folder / "q.csv").write_text(f"id,email,reasons\n9,{PERSON},bad\n8,do@x,bad\n", encoding="utf-8")
    mw(folder, "data", "add", "q.csv", "--name", "people.quarantine")
    told = mw(folder, "data", "erase", "people", "--key", f"email={PERSON}")
    assert "people.quarantine" in told.out
    args = ("--key", f"email={PERSON}", "--reason", "request 12", "--derived", "--yes", "--json")
    found = mw(folder, "data", "erase", "people", *args).json
    assert [each["found"]["dataset"] for each in found["datasets"]] == ["people.quarantine", "people"]
    assert "people.quarantine" not in [place["name"] for place in found["not_touched"]]
    assert mw(folder, "data", "show", "people.quarantine", "--json").json["record"]["rows"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--key", f"email={PERSON}", "--yes"), "Expected a reason"),
        (("--key", f"email={PERSON}", "--yes", "--reason", f"for {PERSON}"), "reasons are kept"),
        (("--key", PERSON), "column=value"),
        (("--key", "mail=x"), "columns mail"),
        ((), "names a column"),
        (("--where", "email = "), "cannot be used"),
    ],
)
def test_data_erase_refuses_without_repeating_the_value(folder, mw, options, said):
    answer = mw(folder, "data", "erase", "people", *options)
    assert (answer.code, answer.out) == (1, "")
    assert said in answer.err
    assert PERSON not in answer.err


def test_data_erase_removes_the_bytes_of_files(tmp_path, mw):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, data in (("zoe.txt", b"picture of zoe"), ("bo.txt", b"picture of bo"), ("copy.txt", b"picture of bo")):
        (photos / name).write_bytes(data)
    mw(tmp_path, "data", "add", "photos", "--files")
    (photos / "zoe.txt").unlink()
    mw(tmp_path, "data", "add", "photos", "--files")
    key = ("--key", "path=zoe.txt")
    mw(tmp_path, "data", "erase", "photos", *key, "--reason", "request 12", "--yes")
    files = [path for path in (tmp_path / ".millwright").rglob("*") if path.is_file()]
    assert [path for path in files if b"picture of zoe" in path.read_bytes() or b"zoe.txt" in path.read_bytes()] == []
    mw(tmp_path, "data", "erase", "photos", "--key", "path=copy.txt", "--reason", "request 13", "--yes")
    mw(tmp_path, "data", "checkout", "photos", "out")
    assert (tmp_path / "out" / "bo.txt").read_bytes() == b"picture of bo"
