from __future__ import annotations

import pytest

from millwright.core.errors import AlreadyExistsError, InvalidInputError, StorageError
from millwright.core.progress import SilentProgress
from millwright.exports.folder import check_folder, write_files

FILES = {"a.txt": b"a", "model/b.bin": b"\x00\x01"}


def found_in(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_written_with_the_folders_they_need(tmp_path):
    folder = tmp_path / "deep" / "out"
    write_files(FILES, folder, progress=SilentProgress())
    assert found_in(folder) == FILES
    assert folder.stat().st_mode & 0o777 == 0o755
    assert [each.name for each in folder.parent.iterdir()] == ["out"]


def test_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExistsError, match="--force"):
        write_files(FILES, tmp_path, progress=SilentProgress())
    assert found_in(tmp_path) == {"mine": b"mine"}


def test_forced_export_replaces_all_that_was_there(tmp_path):
    folder = tmp_path / "out"
    write_files({"old.txt": b"old"}, folder, progress=SilentProgress())
    write_files(FILES, folder, force=True, progress=SilentProgress())
    assert found_in(tmp_path) == {f"out/{path}": content for path, content in FILES.items()}


def test_file_or_link_in_the_folders_place_is_told(tmp_path):
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("", encoding="utf-8")
    link.symlink_to(tmp_path / "elsewhere")
    for path in (file, link):
        with pytest.raises(InvalidInputError, match="Expected a folder"):
            check_folder(path, force=True)


def test_failed_export_leaves_what_was_there(tmp_path):
    folder = tmp_path / "out"
    write_files({"old.txt": b"old"}, folder, progress=SilentProgress())
    with pytest.raises(StorageError, match="cannot be written"):
        write_files({"a": b"", "a/b": b""}, folder, force=True, progress=SilentProgress())
    assert found_in(tmp_path) == {"out/old.txt": b"old"}
