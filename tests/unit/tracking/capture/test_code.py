from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from millwright.tracking.capture.code import MAX_DIFF_BYTES, code_state, command_line, entry_script

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def git(tree: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(tree), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def committed(tree: Path) -> Path:
    git(tree, "init", "-b", "main")
    (tree / "a.py").write_text("x = 1\n", encoding="utf-8")
    git(tree, "add", "a.py")
    git(tree, "commit", "-m", "first")
    return tree


def test_folder_outside_git_has_no_state(tree: Path) -> None:
    assert code_state(tree) is None


def test_tree_without_a_commit_has_no_state(tree: Path) -> None:
    git(tree, "init")
    assert code_state(tree) is None


def test_clean_tree_is_its_commit(committed: Path) -> None:
    state = code_state(committed)
    assert state is not None
    assert (len(state.commit), state.branch, state.dirty, state.diff, state.remote) == (40, "main", False, "", "")


def test_changes_are_a_diff_with_secrets_masked_and_untracked_files_named(committed: Path) -> None:
    (committed / "a.py").write_text("x = 2\npassword = 'hunter2'\n", encoding="utf-8")
    (committed / "new.py").write_text("content", encoding="utf-8")
    git(committed, "remote", "add", "origin", "https://ada:hunter2@example.org/x.git")
    state = code_state(committed)
    assert state is not None
    assert state.dirty
    assert "+x = 2\n+password = ***" in state.diff
    assert "# untracked: new.py" in state.diff
    assert "hunter2" not in state.diff
    assert "content" not in state.diff
    assert state.remote == "https://ada:***@example.org/x.git"


def test_diff_is_cut(committed: Path) -> None:
    (committed / "a.py").write_text(("x" * 99 + "\n") * (MAX_DIFF_BYTES // 50), encoding="utf-8")
    state = code_state(committed)
    assert state is not None
    assert len(state.diff) < MAX_DIFF_BYTES + 100
    assert state.diff.endswith("[cut at 1 MiB]\n")


def test_command_and_script_of_this_process_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.orig_argv", ["python", "-c", "a long program", "--token", "abc"])
    assert command_line() == "python -c '…' --token '***'"
    assert entry_script()
