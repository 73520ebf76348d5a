from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from millwright.cli.run_command import complete_pipeline
from tiny import forking

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
from enum import Enum
import millwright as mw

class Size(Enum):
    SMALL = "small"
    BIG = "big"

@mw.step
def one(n: int) -> int:
    return n

@mw.pipeline
def good(n: int = 1, size: Size = Size.BIG) -> None:
    one(n)

@mw.pipeline(name="other")
def second() -> None:
    one(1)

def helper() -> None: ...
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "flow.py").write_text(FLOW)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "deep.py").write_text(FLOW)
    (tmp_path / "broken.py").write_text("def (")
    (tmp_path / ".hidden.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_and_folders_are_completed(project: Path) -> None:
    assert complete_pipeline("") == ["broken.py", "flow.py", "flows/"]
    assert complete_pipeline("fl") == ["flow.py", "flows/"]
    assert complete_pipeline("flows/") == ["flows/deep.py"]
    assert complete_pipeline(f"{project}/flow") == [f"{project}/flow.py", f"{project}/flows/"]


def test_pipelines_of_a_file_are_completed_without_running_it(project: Path) -> None:
    (project / "flow.py").write_text(f"raise SystemExit\n{FLOW}")
    assert complete_pipeline("flow.py:") == ["flow.py:good", "flow.py:second"]
    assert complete_pipeline("flow.py:s") == ["flow.py:second"]
    assert complete_pipeline("broken.py:") == []
    assert complete_pipeline("gone.py:") == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mw run flow.py:good --", {"--n", "--size", "--until", "--no-cache"}),
        ("mw run flow.py:good --si", {"--size"}),
        ("mw run flow.py:good --size ", {"small", "big"}),
        ("mw run flow.py:good --size b", {"big"}),
        ("mw run broken.py --unt", {"--until"}),
        ("mw run flow.py:g", {"flow.py:good"}),
    ],
)
def test_shell_completes_options_of_the_pipeline(project: Path, words: str, expected: set[str]) -> None:
    asked = {"_MW_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    code = "from millwright.cli.main import main; main()"
    done = forking.run(["-c", code], env={**os.environ, **asked}, cwd=project)
    found = set(done.stdout.split())
    assert expected <= found, done.stderr
    assert len(expected) > 3 or found == expected
