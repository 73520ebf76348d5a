"""The table of edits of `benchmarks/fingerprint`: it says the truth, and our fingerprints judge every edit rightly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from benchmarks.fingerprint.edit import Kind
from benchmarks.fingerprint.mistakes import rows, wrong
from benchmarks.fingerprint.oracle import contradictions
from benchmarks.fingerprint.project import environment, write
from benchmarks.fingerprint.table import EDITS, GROUPS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.fingerprint.edit import Edit

SCRIPT = """
import importlib, json, sys
from millwright.pipelines.fingerprint import Fingerprinter

maker = Fingerprinter()
works = {slug: importlib.import_module(f"{slug}.step").work for slug in sys.argv[1:]}
# A default of the step itself is a parameter's value, which the key holds beside the fingerprint.
print(json.dumps({slug: f"{maker.of(work).digest} {work.__defaults__}" for slug, work in works.items()}))
"""
JUDGED = [pytest.param(edit, id=edit.slug) for edit in EDITS if edit.kind in {Kind.HARMLESS, Kind.MEANINGFUL}]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The slugs of the steps whose fingerprint is another one after the edit."""
    folder = tmp_path_factory.mktemp("edits")
    digests = [_digests(folder, edited=edited) for edited in (False, False, True)]
    before, again, after = digests
    assert before == again
    return {slug for slug, digest in after.items() if digest != before[slug]}


def _digests(folder: Path, *, edited: bool) -> dict[str, str]:
    write(folder / "project", EDITS, edited=edited)
    variables = environment(folder / "project", folder / "ran")
    command = [sys.executable, "-c", SCRIPT, *(edit.slug for edit in EDITS)]
    found = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, cwd=folder)
    return dict(json.loads(found.stdout))


def test_edits_have_names_of_their_own_and_change_something() -> None:
    assert len({edit.slug for edit in EDITS}) == len(EDITS)
    assert all(edit.before != edit.after for edit in EDITS)
    assert sum(edit.kind is Kind.HARMLESS for edit in EDITS) >= 15
    assert sum(edit.kind is Kind.MEANINGFUL for edit in EDITS) >= 30


def test_edits_change_results_when_they_are_meaningful_and_only_then(tmp_path: Path) -> None:
    assert contradictions(EDITS, tmp_path) == []


@pytest.mark.parametrize("edit", JUDGED)
def test_edit_changes_the_fingerprint_when_it_is_meaningful_and_only_then(edit: Edit, changed: set[str]) -> None:
    assert wrong([edit], changed) == []


def test_rows_count_mistakes_and_name_ours() -> None:
    nothing_ran, all_ran = set[str](), {edit.slug for edit in EDITS}
    found = rows(GROUPS, {"ours": nothing_ran, "theirs": all_ran})
    meaningful = [edit for edit in EDITS if edit.kind is Kind.MEANINGFUL]
    total = next(each for each in found if "in all" in each.work)
    assert total.row() == f"| **missed in all** | {len(meaningful)} | {len(meaningful)} | 0 | none | **no** |"
    assert sum(each.work.startswith("meaningful: ") for each in found) == len(meaningful)
    assert total.head().count("|") == total.row().count("|")


def test_environment_keeps_the_paths_that_were_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    found = environment(tmp_path, tmp_path / "ran")
    assert found["PYTHONPATH"].split(os.pathsep) == [str(tmp_path), str(tmp_path / "site-packages"), "elsewhere"]
