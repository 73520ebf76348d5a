from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import pytest

import millwright as mw
from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.pipelines.runner.external import ExternalFile, find_external, resolved


def find(value: object, folder: Path) -> ExternalFile:
    return find_external(value, folder, step="read", parameter="source")


def test_relative_path_is_looked_for_in_the_project_and_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, here = tmp_path / "project", tmp_path / "here"
    for folder in (project, here):
        folder.mkdir()
    monkeypatch.chdir(here)
    (here / "a.csv").write_text("here")
    assert find("a.csv", project).path == (here / "a.csv").resolve()
    (project / "a.csv").write_text("project")
    found = find("a.csv", project)
    assert found.path == (project / "a.csv").resolve()
    assert found.uri == "a.csv"
    assert found.digest == digest_bytes(b"project")


def test_key_is_content_and_suffix(tmp_path: Path) -> None:
    for name in ("a.csv", "b.CSV", "c.txt"):
        (tmp_path / name).write_text("x")
    keys = [find(tmp_path / name, tmp_path).key for name in ("a.csv", "b.CSV", "c.txt")]
    assert keys[0] == keys[1] != keys[2]


def test_folder_counts_by_the_names_and_contents_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.csv").write_text("1")
    first = find("data", tmp_path).digest
    (folder / "deep" / "a.csv").rename(folder / "deep" / "b.csv")
    second = find("data", tmp_path).digest
    (folder / "deep" / "b.csv").write_text("2")
    assert len({first, second, find("data", tmp_path).digest}) == 3


def test_url_of_which_nothing_is_told_has_no_digest_and_a_file_url_is_a_path(tmp_path: Path) -> None:
    found = find("nosuch://ann:secret@bucket/a.csv", tmp_path)
    assert (found.path, found.digest) == (None, None)
    assert found.why.startswith("nosuch://bucket/a.csv cannot be asked")
    assert found.shown == "nosuch://bucket/a.csv"
    (tmp_path / "a.csv").write_text("x")
    assert find(f"file://{tmp_path}/a.csv", tmp_path).digest == digest_bytes(b"x")


def test_missing_file_names_the_closest_one_and_where_was_looked(tmp_path: Path) -> None:
    (tmp_path / "schedule.csv").touch()
    with pytest.raises(NotFoundError) as caught:
        find("shedule.csv", tmp_path)
    assert "Step 'read' reads 'shedule.csv' (source)" in caught.value.message
    assert str(tmp_path) in caught.value.message
    assert caught.value.hint == "Did you mean 'schedule.csv'?"
    assert caught.value.details["path"] == "shedule.csv"


@pytest.mark.parametrize("value", ["", 3, b"x"])
def test_value_that_is_no_path_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(InvalidInputError, match="expects a path for 'source'"):
        find(value, tmp_path)


def test_url_that_tells_of_changes_has_a_digest(tmp_path: Path) -> None:
    system = fsspec.filesystem("memory")
    system.pipe("/mw-external/a.csv", b"one")
    try:
        first = find(mw.external("memory://mw-external/a.csv"), tmp_path)
        assert first.path is None
        assert first.digest is not None
        assert first == find("memory://mw-external/a.csv", tmp_path)
        system.pipe("/mw-external/a.csv", b"three")
        assert find("memory://mw-external/a.csv", tmp_path).digest != first.digest
    finally:
        system.rm("/mw-external", recursive=True)


def test_step_receives_absolute_paths_in_the_form_that_it_asks_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    whole = str((tmp_path / "a.csv").resolve())
    value, file = mw.external("a.csv"), find("a.csv", tmp_path)
    cases: list[tuple[Any, Any, Any]] = [
        (value, str, whole),
        (value, Any, whole),
        (value, str | Path, whole),
        (value, Path, Path(whole)),
        (value, Path | None, Path(whole)),
        ("a.csv", str, whole),
        (Path("a.csv"), Path, Path(whole)),
        ([value], list[Path], [Path(whole)]),
        ((value,), list[str], (whole,)),
        ([value], list, [whole]),
    ]
    for given, hint, wanted in cases:
        assert resolved(given, [file], hint) == wanted
    url = ExternalFile("s3://bucket/a.csv", None, None)
    assert resolved(mw.external("s3://bucket/a.csv"), [url], Path) == "s3://bucket/a.csv"


def test_missing_file_is_told_with_those_there_and_none_of_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("rows.csv", ".millwright", "__pycache__"):
        (tmp_path / name).mkdir()
    with pytest.raises(NotFoundError) as caught:
        find("zz", tmp_path)
    assert "rows.csv" in caught.value.hint
    assert not any(name in caught.value.hint for name in (".millwright", "__pycache__"))
