"""What a step is told and what is seen of it: a run with a secret, metrics, output, and what is kept of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:pipeline]
PIPELINE = """
import logging
from typing import Literal

import millwright as mw

log = logging.getLogger(__name__)


@mw.step
def fetch(ctx: mw.StepContext, rows: int) -> list[float]:
    token = ctx.secret("API_TOKEN")
    log.info("asking with the token %s", token)  # the log has ***
    file = ctx.temp_dir / "download.txt"  # gone when the step has ended
    file.write_text("1.5 " * rows)
    return [float(line) for line in file.read_text().split()]


@mw.step
def fit(ctx: mw.StepContext, numbers: list[float], kind: Literal["mean", "sum"]) -> float:
    with ctx.progress.task("epochs", total=3) as bar:
        for epoch in range(3):
            ctx.log_metric("loss", 1.0 / (epoch + 1), step=epoch)
            bar.advance()
    ctx.log_param("kind", kind)
    print("fitted on", len(numbers), "numbers")
    return sum(numbers) / (len(numbers) if kind == "mean" else 1)


@mw.pipeline
def train(rows: int = 4, kind: Literal["mean", "sum"] = "mean") -> None:
    fit(fetch(rows), kind)
"""
# --8<-- [end:pipeline]


def main() -> None:
    """Run it, and show what was kept."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pipeline.py").write_text(PIPELINE, encoding="utf-8")
        Path(folder, "millwright.toml").write_text(
            '[prices]\ncpu_hour = 0.05\ngb_hour = 0.005\ncurrency = "EUR"\n', encoding="utf-8"
        )
        done = mw(folder, "run", "pipeline.py", "--kind", "sum")
        print(done)
        run = done.partition("mw runs show ")[2].split()[0]
        print(mw(folder, "runs", "logs", run))
        print(mw(folder, "runs", "show", run))


def mw(folder: str, *words: str) -> str:
    """What a command prints."""
    environment = {**os.environ, "API_TOKEN": "a-token-that-nobody-sees", "COLUMNS": "80"}
    command = [sys.executable, "-m", "millwright", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    if "nobody-sees" in done.stdout + done.stderr:
        raise AssertionError("the token was shown")
    return done.stdout


if __name__ == "__main__":
    main()
