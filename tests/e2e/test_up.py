"""`mw up`: the loop closes by itself while it runs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from e2e.workplace import PATIENCE_S, Workplace
from millwright.core.records.monitor import AlertState, Outcome
from millwright.demo.programme.generator import generate
from millwright.demo.project import PROGRAMME
from millwright.deployment.realtime.client import PredictionClient

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from millwright.workspace.workspace import Workspace

MODEL = "schedule-delay"
SETTINGS = """
[monitors.delay]
endpoint = "schedule-delay"
every = "1s"
[monitors.delay.action]
pipeline = "pipeline.py"
max_per_day = 1
params = {source = "programme.csv"}
[worker]
poll_seconds = 0.1
"""


def arrivals(workplace: Workplace, workspace: Workspace) -> list[dict[str, Any]]:
    """What the model of the first snapshot is asked when the second one has been taken, as JSON rows."""
    from millwright.data.contracts.file import load_contract
    from millwright.data.contracts.validation import validate
    from millwright.data.sources.source import read_source

    folder = workplace.folder
    later = folder / "later.csv"
    generate(7, period=2, scale=0.25).write_csv(later)
    files = (str(folder / "programme.csv"), str(later))
    contract = load_contract(str(folder / "contract.yaml"))
    first, second = (validate(read_source(file).frame, contract).valid for file in files)
    rows: pl.DataFrame = PROGRAMME.arrivals(folder, (first, second), files)[0]
    inputs = [column["name"] for column in workspace.registry.resolve(f"{MODEL}@champion").signature["inputs"]]
    return [
        {name: str(value) if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in rows.select(inputs).to_dicts()
    ]


def wait_for(found: Callable[[], Any]) -> Any:
    give_up = time.monotonic() + PATIENCE_S
    while not (value := found()):
        assert time.monotonic() < give_up
        time.sleep(0.1)
    return value


def first_document(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    text = ""
    while line := process.stdout.readline():
        text += line
        with contextlib.suppress(ValueError):
            document: dict[str, Any] = json.loads(text)
            return document
    raise AssertionError(process.communicate())


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_loop_closes_without_a_hand_while_everything_is_up(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    workplace.write_project()
    workplace.mw("run", "pipeline.py", "--source", "programme.csv")
    with (tmp_path / "millwright.toml").open("a") as file:
        file.write(SETTINGS)
    up = workplace.start("up", "--port", "0", "--serve-port", "0", "--json")
    try:
        parts = first_document(up)["parts"]
        with workplace.open() as workspace:
            rows = arrivals(workplace, workspace)
            shutil.move(tmp_path / "later.csv", tmp_path / "programme.csv")  # what the pipeline reads from now on
            with PredictionClient(parts["serve"]["url"], batch_rows=200) as client:
                client.predict(rows)
            monitors = workspace.stores.monitors
            decision = wait_for(lambda: next((d for d in monitors.list_decisions() if d.pipeline_run_id), None))
            alert = monitors.get_alert(decision.alert_id)
            report = monitors.get_report(alert.report_id)
            declared = workspace.monitor.read_document(report)["monitor"]
            champion = workspace.registry.resolve(f"{MODEL}@champion").ref
        with urllib.request.urlopen(f"{parts['server']['url']}/decisions") as answer:  # noqa: S310 - of this machine
            page = answer.read().decode()
    finally:
        up.send_signal(signal.SIGINT)
        _, errors = up.communicate(timeout=PATIENCE_S)
    assert up.returncode == 0, errors
    assert all(is_gone(part["pid"]) for part in parts.values())
    assert decision.outcome in {Outcome.PROMOTED, Outcome.KEPT}
    assert champion == (decision.challenger if decision.outcome is Outcome.PROMOTED else decision.champion)
    assert alert.state is AlertState.RESOLVED
    assert declared["name"] == "delay"
    assert decision.outcome.value in page
