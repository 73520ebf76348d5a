"""Runs every edit's step with Millwright: `python ours.py PROJECT HOME SLUG …`."""

from __future__ import annotations

import sys
from pathlib import Path

PIPELINE = """
from importlib import import_module

import millwright as mw

STEPS = [mw.step(name=slug)(import_module(f"{{slug}}.step").work) for slug in {slugs}]


@mw.pipeline
def everything(number: int = 3):
    for work in STEPS:
        work(number)
"""


def main() -> None:
    """Run them as the steps of one pipeline."""
    from millwright.pipelines.runner import RunOptions
    from millwright.workspace.workspace import Workspace

    project, home, *slugs = sys.argv[1:]
    file = Path(project, "pipeline.py")
    file.write_text(PIPELINE.format(slugs=slugs), encoding="utf-8")
    with Workspace.open(home) as workspace:
        workspace.launcher.run(str(file), {}, RunOptions())


main()
