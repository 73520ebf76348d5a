"""`mw demo` as a process, and what can be asked of the workspace that it leaves."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from e2e.soundness import check_sound
from e2e.workplace import PATIENCE_S, Finished, Workplace

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

STAGES = [
    "generate", "train", "train again", "serve", "new data", "predict", "labels", "monitor", "retrain", "swap", "why",
    "audit", "reproduce",
]  # fmt: skip
CONSOLE = re.compile(r"CONSOLE:\d+\].*")


@dataclass(frozen=True)
class Demonstration:
    ended: Finished
    workplace: Workplace

    @property
    def prediction(self) -> str:
        """The prediction that the last lines propose to ask about."""
        found = re.search(r"mw why ([0-9a-f]{32})", self.ended.out)
        assert found is not None, self.ended.out
        return found[1]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    folder = tmp_path_factory.mktemp("demonstration")
    ended = Workplace(folder).mw("demo", "--folder", "loop")
    return Demonstration(ended, Workplace(folder / "loop"))


def test_demonstration_ends_with_every_stage_a_decision_and_no_failed_request(demonstration: Demonstration) -> None:
    out = demonstration.ended.out
    summary = out[out.index("what happened") :]
    stages = re.findall(r"^ +(\w+(?: \w+)?)  +\S", summary, re.MULTILINE)
    assert [stage for stage in stages if stage in STAGES] == STAGES
    assert re.search(r"^Decision: (promoted|kept)\. ", out, re.MULTILINE)
    assert re.search(r"requests never stopped: [\d,]+ by schedule-delay@1.*, 0 failed", out)
    assert "nothing changed: 8 of 11 steps cached, no training" in out
    assert "trained again from its record: identical" in out
    assert "hash chain whole" in out
    assert "Traceback" not in demonstration.ended.err
    with demonstration.workplace.open() as workspace:
        check_sound(workspace)


def test_report_is_one_file_that_needs_no_network(demonstration: Demonstration) -> None:
    text = (demonstration.workplace.folder / "report.html").read_text()
    assert not re.search(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?!data:)", text)
    assert not re.search(r"<link\b[^>]*\bhref=[\"']?(?!data:)", text)
    assert not re.search(r"@import|url\((?![\"']?(?:data:|#))", text.partition("<script")[0])


def test_report_shows_its_plots_in_a_browser_without_an_error(demonstration: Demonstration, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs chromium")
    report = demonstration.workplace.folder / "report.html"
    words = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-logging=stderr",
        f"--user-data-dir={tmp_path}", "--virtual-time-budget=10000", "--dump-dom", report.as_uri(),
    ]  # fmt: skip
    shown = subprocess.run([browser, *words], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert shown.stdout.count('class="main-svg"') >= 6
    assert CONSOLE.findall(shown.stderr) == []


def test_demonstrations_workspace_answers_for_the_past(demonstration: Demonstration) -> None:
    mw = demonstration.workplace.mw
    why = mw("why", demonstration.prediction).out
    for part in ("schedule-delay@1", "programme@1", "gates", "features", demonstration.prediction):
        assert part in why, why
    assert "whole" in mw("audit", "verify").out
    assert {entry["version"]["version"] for entry in mw("models", "list", "--json").json} == {1, 2}
    assert mw("monitor", "check", "schedule-delay", "--json").json


def test_version_is_reproduced_from_its_record_alone(demonstration: Demonstration) -> None:
    (demonstration.workplace.folder / "programme_2025-01.csv").unlink()
    assert "identical" in demonstration.workplace.mw("reproduce", "schedule-delay@1").out


def test_run_on_unchanged_input_executes_no_training_step(demonstration: Demonstration) -> None:
    mw = demonstration.workplace.mw
    result = mw("run", "pipeline.py", "--source", "programme_2026-07.csv", "--json").json
    executed = {step["step"] for step in result["steps"] if step["status"] == "completed"}
    assert executed <= {"check_gates", "register", "deploy"}
    assert "No training step was executed" in mw("run", "pipeline.py", "--source", "programme_2026-07.csv").out


def test_demonstration_leaves_a_folder_of_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ended = Workplace(tmp_path).mw("demo", "--folder", ".", code=1)
    assert "not a demonstration's" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
