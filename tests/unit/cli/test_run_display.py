"""In a terminal of the operating system, drawn by what a user's terminal would receive."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from millwright.cli.console import Output
from millwright.cli.run_display import RunDisplay

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
import time
import millwright as mw

@mw.step(cache=False)
def load(ctx: mw.StepContext) -> list[int]:
    print("this goes to the log")
    with ctx.progress.task("reading", total=4) as task:
        for number in range(4):
            time.sleep(0.15)
            task.advance(note=f"file {number}")
    return list(range(6))

@mw.step(retries=1, retry_wait=0.01, cache=False)
def score(ctx: mw.StepContext, x: int) -> int:
    marks = ctx.project_dir / "tried"
    if x == 3 and not marks.exists():
        marks.touch()
        raise OSError("gone for a moment")
    time.sleep(0.1)
    return x

@mw.pipeline
def demo() -> None:
    score.map(load())
"""

pty = pytest.importorskip("pty", reason="needs a terminal")


def terminal(folder: Path, *words: str) -> str:
    """What a command writes to a terminal of 80 columns."""
    code = f"import sys\nfrom millwright.cli.main import main\nmain({list(words)!r})"
    child, master = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, "-c", code])  # noqa: S606 - the child of the fork
    written = b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        written += data
    os.close(master)
    os.waitpid(child, 0)
    return written.decode()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_steps_that_go_on_have_spinners_and_bars_and_those_that_ended_their_lines(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(FLOW)
    shown = terminal(tmp_path, "run", "flow.py")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] load", plain)
    assert re.search(r"reading +[\d.]+ s ━+ [1-4]/4  file \d", plain)
    assert re.search(r"score +[\d.]+ s ━+ [1-6]/6", plain)
    assert "attempt 1: OSError: gone for a moment. Trying again in 0.01 s." in plain
    assert re.search(r"✓ score +[\d.]+ s  items 6", plain)
    assert "this goes to the log" not in plain
    assert "Completed demo" in plain
    # The cursor is back, and what was drawn for the time being is gone.
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert "⠋" not in shown[shown.rindex("\x1b[?25h") :]


def test_what_is_no_terminal_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output()
    with RunDisplay(out) as display:
        assert not out.is_live
        display.say("by the way")
        with display.task("reading", total=2) as task:
            task.advance(note="half")
    assert capsys.readouterr().out == "by the way\n"
