"""Questions to Git about a work tree, when there is one and Git is installed."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S = 10


def git_output(folder: Path, *arguments: str) -> str | None:
    """What a Git command prints; None when it fails, or takes longer than 10 s.

    Args:
        folder: Where it runs.
        arguments: Of a command that changes nothing.
    """
    return end_git(begin_git(folder, *arguments))


def begin_git(folder: Path, *arguments: str) -> subprocess.Popen[bytes] | None:
    """Begin a Git command, for something else to be done meanwhile; None without Git, or outside a work tree.

    Args:
        folder: Where it runs.
        arguments: Of a command that changes nothing. It takes no locks and asks nobody for a password.
    """
    if not _may_be_tree(folder):  # starting a process costs milliseconds, and each run of a pipeline asks
        return None
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return subprocess.Popen(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
    except OSError:
        return None


def _may_be_tree(folder: Path) -> bool:
    place = folder.absolute()
    return "GIT_DIR" in os.environ or any((each / ".git").exists() for each in (place, *place.parents))


def end_git(git: subprocess.Popen[bytes] | None) -> str | None:
    """What a command has printed; None without one, when it fails, or takes longer than 10 s from now."""
    if git is None:
        return None
    with git:
        try:
            text = git.communicate(timeout=_TIMEOUT_S)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            git.kill()
            return None
    return text if git.returncode == 0 else None
