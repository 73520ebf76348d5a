from __future__ import annotations

import gc
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.pipelines.folder import Folder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Written:
    """Stored files that say how they were asked for."""

    asked: list[bool]

    @property
    def paths(self) -> tuple[str, ...]:
        return ("a.txt", "sub/b.txt")

    def write_to(self, target: Path, *, link: bool) -> None:
        self.asked.append(link)
        (target / "sub").mkdir()
        (target / "a.txt").write_text("a", encoding="utf-8")
        (target / "sub" / "b.txt").write_text("b", encoding="utf-8")


def test_folder_names_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_text("b", encoding="utf-8")
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    monkeypatch.chdir(tmp_path.parent)
    folder = mw.Folder(tmp_path.name)
    monkeypatch.chdir("/")
    assert folder.path == tmp_path == folder.linked
    assert folder.files == ("a.txt", "sub/b.txt")
    assert (folder / "a.txt").read_text(encoding="utf-8") == "a"
    assert os.fspath(folder) == str(tmp_path)
    assert str(tmp_path) in repr(folder)


def test_new_folder_is_empty_and_goes_with_the_last_who_has_it() -> None:
    folder = Folder.new()
    (folder / "a.txt").write_text("a", encoding="utf-8")
    path = folder.path
    assert path.is_dir()
    del folder
    gc.collect()
    assert not path.exists()


def test_stored_folder_is_filled_when_its_path_is_asked_for() -> None:
    content = Written([])
    folder = Folder.of(content)
    assert folder.files == ("a.txt", "sub/b.txt")
    assert folder.unchanged is content
    assert "2 stored files" in repr(folder)
    assert content.asked == []
    assert (folder / "sub/b.txt").read_text(encoding="utf-8") == "b"
    assert folder.path == folder.path
    assert content.asked == [False]
    assert folder.unchanged is None
    path = folder.path
    del folder
    gc.collect()
    assert not path.exists()


def test_links_are_a_folder_of_their_own_and_change_nothing() -> None:
    content = Written([])
    folder = Folder.of(content)
    assert (folder.linked / "a.txt").read_text(encoding="utf-8") == "a"
    assert folder.linked == folder.linked
    assert content.asked == [True]
    assert folder.unchanged is content
    assert folder.path != folder.linked


def test_folder_that_a_child_process_inherits_stays() -> None:
    folder = Folder.new()
    child = os.fork()
    if child == 0:
        del folder
        gc.collect()
        os._exit(0)
    os.waitpid(child, 0)
    assert folder.path.is_dir()


def test_folder_that_is_none_is_told_when_its_files_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no folder"):
        _ = Folder(tmp_path / "gone").files
    (tmp_path / "link").symlink_to("/")
    with pytest.raises(InvalidInputError, match="a link out of it"):
        _ = Folder(tmp_path).files
