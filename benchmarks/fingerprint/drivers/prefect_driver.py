"""Runs every edit's step with Prefect, cached by source and inputs: `python prefect_driver.py PROJECT HOME SLUG …`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Run them as the tasks of one flow."""
    _, home, *slugs = sys.argv[1:]
    os.environ |= {
        "PREFECT_HOME": home,
        "PREFECT_LOCAL_STORAGE_PATH": str(Path(home, "storage")),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
    }
    from prefect import flow, task
    from prefect.cache_policies import INPUTS, TASK_SOURCE

    policy = TASK_SOURCE + INPUTS
    tasks = [
        task(name=slug, cache_policy=policy, persist_result=True)(import_module(f"{slug}.step").work) for slug in slugs
    ]

    @flow(name="everything")
    def everything() -> None:
        for work in tasks:
            work(3)

    everything()


main()
