"""What runs again: edits of a small project, and what `mw run --explain` says to each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:pipeline]
PIPELINE = """
from typing import Annotated

import millwright as mw
from prices import discount

THRESHOLD = 10


@mw.step(packages=["polars"], environ=["REGION"])
def cheap(source: Annotated[str, mw.External()]) -> list[float]:
    numbers = [float(line) for line in open(source)]
    return [discount(number) for number in numbers if number < THRESHOLD]


@mw.step
def count(numbers: list[float]) -> int:
    return len(numbers)


@mw.pipeline
def offers(source: str = "prices.txt"):
    count(cheap(source))
"""
PRICES = """
def discount(price):
    return price * 0.9


def unrelated(price):
    return price
"""
# --8<-- [end:pipeline]


def mw(*arguments: str) -> str:
    """Call the command, as a terminal would."""
    command = [sys.executable, "-m", "millwright", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "REGION": "n"}).stdout


def explained() -> dict[str, str]:
    """Step → why it would run, or that its result would be taken."""
    steps = json.loads(mw("run", "pipeline.py", "--explain", "--json"))["steps"]
    return {step["step"]: "cached" if step["cached"] else step["reason"].partition(" since")[0] for step in steps}


def main() -> None:
    """Run the pipeline once, and ask after each edit what would run."""
    Path("pipeline.py").write_text(PIPELINE, encoding="utf-8")
    Path("prices.py").write_text(PRICES, encoding="utf-8")
    Path("prices.txt").write_text("3\n12\n7\n", encoding="utf-8")
    mw("run", "pipeline.py")
    assert explained() == {"cheap": "cached", "count": "cached"}

    edits = [
        ("prices.py", "return price\n", "return -price\n", "cached"),
        ("pipeline.py", "numbers = ", "# Read them.\n    numbers = ", "cached"),
        ("prices.py", "0.9", "0.8", "helper prices.discount changed"),
        ("pipeline.py", "THRESHOLD = 10", "THRESHOLD = 11", "constant pipeline.THRESHOLD: 10 → 11"),
        ("prices.txt", "12", "13", "file prices.txt changed"),
    ]
    for file, old, new, reason in edits:
        before = Path(file).read_text(encoding="utf-8")
        Path(file).write_text(before.replace(old, new), encoding="utf-8")
        assert explained()["cheap"] == reason, explained()
        Path(file).write_text(before, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main()
    print("As expected after each edit.")
