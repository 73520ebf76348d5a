"""Runs every edit's step with ZenML's default caching: `python zenml_driver.py PROJECT HOME SLUG …`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

PIPELINE = """
from importlib import import_module

from zenml import pipeline, step

STEPS = [step(name=slug)(import_module(f"{{slug}}.step").work) for slug in {slugs}]


@pipeline(enable_cache=True)
def everything():
    for work in STEPS:
        work(number=3)
"""


def main() -> None:
    """Run them as the steps of one pipeline, which is to lie in the project."""
    project, home, *slugs = sys.argv[1:]
    os.environ |= {
        "ZENML_CONFIG_PATH": home,
        "ZENML_ANALYTICS_OPT_IN": "false",
        "ZENML_LOGGING_VERBOSITY": "ERROR",
        "AUTO_OPEN_DASHBOARD": "false",
    }
    from zenml.utils import source_utils

    source_utils.set_custom_source_root(project)
    Path(project, "everything.py").write_text(PIPELINE.format(slugs=slugs), encoding="utf-8")
    import_module("everything").everything()


main()
