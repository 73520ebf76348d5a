from __future__ import annotations

import pytest


@pytest.fixture
def folder(tmp_path):
    """A folder `photos` with two files."""
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    (tmp_path / "photos" / "a.txt").write_text("alpha", encoding="utf-8")
    (tmp_path / "photos" / "sub" / "b.txt").write_text("beta", encoding="utf-8")
    return tmp_path


def test_data_add_files_records_a_folder(folder, mw):
    answer = mw(folder, "data", "add", "photos", "--files")
    assert answer.out.startswith("✓ photos@1: 2 files; 2 read, 9 bytes new.\n")
    again = mw(folder, "data", "add", "photos/", "--files", "--json").json
    assert (again["record"]["version"], again["stored_bytes"]) == (1, 0)


def test_data_files_lists_and_compares(folder, mw):
    mw(folder, "data", "add", "photos", "--files", "--name", "pictures")
    listed = mw(folder, "data", "files", "pictures", "--limit", "1")
    assert "2 files, 9 bytes" in listed.out
    assert "… and 1 more." in listed.out
    (folder / "photos" / "a.txt").rename(folder / "photos" / "c.txt")
    (folder / "photos" / "sub" / "b.txt").write_text("other", encoding="utf-8")
    mw(folder, "data", "add", "photos", "--files", "--name", "pictures")
    answer = mw(folder, "data", "files", "pictures@2", "pictures@1")
    assert "pictures@1 → pictures@2: 0 added, 0 removed, 1 changed, 1 moved, 0 unchanged" in answer.out
    shown = mw(folder, "data", "files", "pictures@2", "pictures@1", "--json").json
    assert (shown["changed"], shown["moved"]) == (["sub/b.txt"], [["a.txt", "c.txt"]])


@pytest.mark.parametrize("link", ["copy", "hard", "symbolic"])
def test_data_checkout_puts_the_files_into_a_folder(folder, mw, link):
    mw(folder, "data", "add", "photos", "--files")
    answer = mw(folder, "data", "checkout", "photos@1", "out", "--link", link)
    assert answer.out.startswith("✓ photos@1: 2 files in out.\n")
    assert ("--files --name photos" in answer.out) is (link == "copy")  # links out of a folder cannot be added
    assert (folder / "out" / "sub" / "b.txt").read_text(encoding="utf-8") == "beta"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "gone", "--files"), "There is no folder gone"),
        (("add", ".", "--files"), "in which the workspace itself is"),
        (("checkout", "photos@1", "photos"), "in use"),
        (("checkout", "photos@1", "out", "--link", "soft"), "found 'soft'"),
        (("checkout", "rows", "out"), "Expected a dataset of files"),
        (("files", "rows"), "Expected a dataset of files"),
        (
            ("add", "rows.csv", "--name", "photos"),
            "Expected a folder of files for 'photos', as in photos@1",
        ),
    ],
)
def test_data_files_mistakes_are_one_line(folder, mw, words, message):
    (folder / "rows.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    mw(folder, "data", "add", "rows.csv")
    mw(folder, "data", "add", "photos", "--files")
    answer = mw(folder, "data", *words)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1
