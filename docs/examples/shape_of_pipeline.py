"""A pipeline with lists, conditions and order: built, run inline and in processes, with the same results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:pipeline]
PIPELINE = """
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

import millwright as mw


class Parts(NamedTuple):
    train: pl.DataFrame
    test: pl.DataFrame


@dataclass(frozen=True)
class Report:
    passed: bool
    score: float


@mw.step
def load(rows: int) -> pl.DataFrame:
    return pl.DataFrame({"site": ["a", "b", "c"] * (rows // 3), "late": range(rows)})


@mw.step
def divide(table: pl.DataFrame) -> Parts:
    return Parts(train=table.head(-6), test=table.tail(6))


@mw.step(retries=2, retry_on=ConnectionError, retry_wait="1s", timeout="5m", resources=mw.Resources(memory="2GiB"))
def mean_of(site: pl.DataFrame, weight: float) -> float:
    return float(site["late"].mean()) * weight


@mw.step
def judge(means: list[float], test: pl.DataFrame) -> Report:
    score = sum(means) / len(means)
    return Report(passed=score < test["late"].max(), score=score)


@mw.step
def publish(score: float) -> str:
    return f"published with {score:.1f}"


@mw.step
def explain(report: Report) -> str:
    return f"kept back: {report.score:.1f}"


@mw.step(cache=False)
def tell(text: str) -> str:
    return text


@mw.step
def alarm(failure: mw.on.Failure) -> None:
    print(f"{failure.pipeline} failed in {failure.step}: {failure.error}")


@mw.pipeline(on_failure=alarm, max_parallel=4)
def sites(rows: int = 30, weight: float = 1.0) -> None:
    parts = divide(load(rows))
    # One execution for each site, each with a key of its own; `means` is the list of what they give.
    means = mean_of.map(mw.each(mw.steps.partitions(parts.train, ["site"])), weight=weight)
    report = judge(means, parts.test)
    with mw.when(report.passed):
        published = publish(report.score)
    with mw.when(report.passed, equals=False):
        kept = explain(report)
    said = tell(mw.first(published, kept))
    tell.with_options(name="archive", after=[said])("archived")
"""
# --8<-- [end:pipeline]


def mw(*words: str, folder: Path) -> str:
    """Run `mw` in a folder; what it printed."""
    command = [Path(sys.executable).with_name("mw"), *words]
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def statuses(text: str) -> dict[str, str]:
    """Step → what became of it; items left out."""
    return {step["step"]: step["status"] for step in json.loads(text)["steps"] if not step["part_of"]}


def main() -> None:
    """Run the pipeline on both sides of its condition, and in processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pipeline.py").write_text(PIPELINE)
        first = statuses(mw("run", "pipeline.py", "--json", folder=folder))
        assert (first["publish"], first["explain"], first["mean_of"]) == ("completed", "skipped", "completed")
        other = statuses(mw("run", "pipeline.py", "--weight", "9", "--json", folder=folder))
        assert (other["load"], other["publish"], other["explain"]) == ("cached", "skipped", "completed")
        # The same keys wherever steps are executed: nothing runs again in processes.
        again = statuses(mw("run", "pipeline.py", "--executor", "processes", "--json", folder=folder))
        assert {step for step, status in again.items() if status == "completed"} == {"tell", "archive"}
        more = mw("run", "pipeline.py", "--rows", "60", "--executor", "processes", folder=folder)
        print(more)


if __name__ == "__main__":
    main()
