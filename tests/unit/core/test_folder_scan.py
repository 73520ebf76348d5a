from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.folder_scan import check_path, scan_folder, stat_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files, two of which have the same bytes."""
    root = tmp_path / "photos"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"alpha")
    (root / "sub" / "b.txt").write_bytes(b"beta")
    (root / "sub" / "ü c.txt").write_bytes(b"alpha")
    return root


def test_files_of_all_folders_are_found_by_path(folder: Path) -> None:
    (folder / "empty").mkdir()
    found = scan_folder(folder)
    assert [(file.path, file.size_bytes) for file in found] == [("a.txt", 5), ("sub/b.txt", 4), ("sub/ü c.txt", 5)]
    assert stat_file(folder, "a.txt") == found[0]


def test_link_inside_the_folder_is_the_file_that_it_names(folder: Path) -> None:
    (folder / "link.txt").symlink_to("sub/b.txt")
    assert ("link.txt", 4) in [(file.path, file.size_bytes) for file in scan_folder(folder)]


@pytest.mark.parametrize(
    ("target", "message"),
    [("/etc/hostname", "a link out of it"), ("../outside.txt", "a link out of it"), ("sub", "to a folder"),
     ("gone.txt", "to nothing")],
)  # fmt: skip
def test_link_that_leads_elsewhere_is_refused(folder: Path, target: str, message: str) -> None:
    (folder.parent / "outside.txt").write_text("secret", encoding="utf-8")
    (folder / "link.txt").symlink_to(target)
    with pytest.raises(InvalidInputError, match=message):
        scan_folder(folder)


def test_what_is_no_file_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(InvalidInputError, match="a pipe or a device"):
        scan_folder(folder)


def test_name_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"x")
    with pytest.raises(InvalidInputError, match="UTF-8"):
        scan_folder(folder)


def test_what_is_no_folder_is_refused(folder: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no folder"):
        scan_folder(folder / "gone")
    with pytest.raises(InvalidInputError, match="found a file"):
        scan_folder(folder / "a.txt")


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../a", "a/../../b", "a//b", "./a", "a\\b", "C:/a", "a\0b", "a/"])
def test_path_that_leaves_the_folder_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError, match="inside of the folder"):
        check_path(path)


@pytest.mark.parametrize("path", ["a", "a/b c.txt", ".hidden", "..a/b..", "ü/日本"])
def test_ordinary_path_is_taken(path: str) -> None:
    assert check_path(path) == path
