from __future__ import annotations

import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from millwright.core import git
from millwright.core.git import begin_git, end_git, git_output

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q", "-b", "größe"], check=True)
    return tmp_path


def test_output_is_text_as_git_prints_it(tree: Path) -> None:
    assert git_output(tree, "symbolic-ref", "--short", "HEAD") == "größe\n"


def test_line_ends_of_files_stay(tree: Path) -> None:
    (tree / "a.txt").write_bytes(b"one\r\ntwo\n")
    subprocess.run(["git", "-C", str(tree), "-c", "core.autocrlf=false", "add", "a.txt"], check=True)
    assert git_output(tree, "show", ":a.txt") == "one\r\ntwo\n"


def test_command_that_fails_and_folder_without_a_tree_give_none(tree: Path, tmp_path_factory) -> None:
    assert git_output(tree, "rev-parse", "--verify", "--quiet", "nowhere") is None
    assert git_output(tmp_path_factory.mktemp("bare"), "rev-parse", "--show-prefix") is None


def test_outside_a_tree_nothing_is_begun_and_inside_it_is(tree: Path, tmp_path_factory, monkeypatch) -> None:
    outside = tmp_path_factory.mktemp("outside")
    assert begin_git(outside, "rev-parse", "--git-dir") is None
    (tree / "a" / "b").mkdir(parents=True)
    assert git_output(tree / "a" / "b", "rev-parse", "--show-prefix") == "a/b/\n"
    monkeypatch.setenv("GIT_DIR", str(tree / ".git"))
    assert git_output(outside, "rev-parse", "--git-dir") == f"{tree / '.git'}\n"


def test_without_git_there_is_nothing_to_begin(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    assert begin_git(tree, "status") is None
    assert end_git(None) is None


def test_git_that_takes_too_long_is_ended(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tree / "git"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(slow.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tree}:/bin:/usr/bin")
    monkeypatch.setattr(git, "_TIMEOUT_S", 0.05)
    process = begin_git(tree, "status")
    assert end_git(process) is None
    assert process is not None
    assert process.returncode is not None
