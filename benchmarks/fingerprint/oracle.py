"""What the edits call for, by the steps' results."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.fingerprint.edit import Kind
from benchmarks.fingerprint.project import environment, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.fingerprint.edit import Edit

CALLS = (
    "import importlib, json, sys\n"
    "print(json.dumps({slug: importlib.import_module(f'{slug}.step').work(3) for slug in sys.argv[1:]}))"
)


def contradictions(edits: Sequence[Edit], folder: Path) -> list[str]:
    """Edits that change a result and are called harmless, or the other way round.

    Args:
        edits: The edits.
        folder: Where their project is written.
    """
    before, after = (_results(edits, folder, edited=edited) for edited in (False, True))
    same = {Kind.HARMLESS, Kind.REFACTORED}
    return [edit.name for edit in edits if (before[edit.slug] == after[edit.slug]) != (edit.kind in same)]


def _results(edits: Sequence[Edit], folder: Path, *, edited: bool) -> dict[str, Any]:
    project = folder / "project"
    write(project, edits, edited=edited)
    command = [sys.executable, "-c", CALLS, *(edit.slug for edit in edits)]
    variables = environment(project, folder / "ran")
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))
