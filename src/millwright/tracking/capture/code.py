"""Which code a run ran: script, command line, Git revision, and what was changed since that."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.git import git_output
from millwright.tracking.capture.secret import mask_command, mask_line, mask_text

if TYPE_CHECKING:
    from pathlib import Path

MAX_DIFF_BYTES = 1 << 20
MAX_COMMAND_LENGTH = 5000
_NO_SCRIPT = frozenset({"", "-", "-c"})


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeState:
    """A Git work tree.

    Attributes:
        commit: What is checked out.
        branch: Its branch; "" when there is none.
        remote: Where it was fetched from, without passwords; "" when unknown.
        dirty: Whether files differ from the commit.
        diff: How they differ, with what looks like a secret masked; cut at 1 MiB. Files that Git does not track are
            named, without their content.
    """

    commit: str
    branch: str = ""
    remote: str = ""
    dirty: bool = False
    diff: str = ""


def entry_script() -> str:
    """The file that this process was started with, or what stands for it (`<stdin>`, `<notebook>`)."""
    if "ipykernel" in sys.modules:
        return "<notebook>"
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if main:
        return str(main)
    return sys.argv[0] if sys.argv and sys.argv[0] not in _NO_SCRIPT else "<stdin>"


def command_line() -> str:
    """How this process was started, with secrets masked; at most 5,000 characters."""
    words = list(getattr(sys, "orig_argv", sys.argv))
    if len(words) > 2 and "-c" in words[:-1]:  # the program itself is no use, and may be long
        words[words.index("-c") + 1] = "…"
    return shlex.join(mask_command(words))[:MAX_COMMAND_LENGTH]


def code_state(folder: Path) -> CodeState | None:
    """The Git work tree that a folder is in; None without one, or without Git.

    Args:
        folder: Where to look.
    """
    status = git_output(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=normal")
    if status is None:
        return None
    lines = status.splitlines()
    head = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# ") and " " in line[2:])
    commit = head.get("branch.oid", "(initial)")
    if commit == "(initial)":
        return None
    branch = head.get("branch.head", "")
    untracked = [line[2:] for line in lines if line.startswith("? ")]
    changed = any(not line.startswith(("#", "?")) for line in lines)
    return CodeState(
        commit=commit,
        branch="" if branch == "(detached)" else branch,
        remote=mask_line((git_output(folder, "config", "--get", "remote.origin.url") or "").strip()),
        dirty=changed or bool(untracked),
        diff=_diff(folder, untracked) if changed or untracked else "",
    )


def _diff(folder: Path, untracked: list[str]) -> str:
    found = git_output(folder, "diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv") or ""
    text = mask_text(found)
    if len(text.encode()) > MAX_DIFF_BYTES:
        text = text.encode()[:MAX_DIFF_BYTES].decode(errors="ignore") + "\n[cut at 1 MiB]\n"
    if untracked:
        text += "".join(f"# untracked: {name}\n" for name in untracked[:1000])
    return text
