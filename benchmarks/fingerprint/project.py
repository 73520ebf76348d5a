"""The project that holds every edit's step, before and after."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from benchmarks.fingerprint.edit import SITE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.fingerprint.edit import Edit

# Each step says that it ran, whoever runs it.
MARK = '''"""Where steps say that they ran."""

import os


def ran(name):
    with open(os.environ["RAN"], "a") as file:
        file.write(name + "\\n")
'''


def write(folder: Path, edits: Iterable[Edit], *, edited: bool) -> None:
    """Write the project anew.

    Args:
        folder: Emptied first.
        edits: Whose steps it holds.
        edited: Which of the two states.
    """
    shutil.rmtree(folder, ignore_errors=True)
    files = {"mark.py": MARK}
    for each in edits:
        files |= each.files(edited=edited)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def environment(project: Path, ran: Path) -> dict[str, str]:
    """The variables of a process that runs the project's steps.

    Args:
        project: Its folder.
        ran: The file in which steps say that they ran.
    """
    # Byte code is told apart by size and whole seconds, too coarse for edits that follow each other.
    paths = [str(project), str(project / SITE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1", "RAN": str(ran)}
