"""`mw up`: the loop closes by itself while it runs."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import time
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from e2e.workplace import PATIENCE_S, Workplace
from millwright.automation.limits.ledger import LAUNCH, subject_of
from millwright.core.records.monitor import AlertState, Outcome
from millwright.demo.programme.generator import generate
from millwright.demo.project import PROGRAMME
from millwright.deployment.realtime.client import PredictionClient

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl

    from millwright.core.records.monitor import MonitorReportRecord
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
ALLOWED = 2
# One trial trains as well as three, for a test that is about when it is done.
QUICK = ('"programme.csv"}', '"programme.csv", trials = 1}')
FLAPPING = f"""
[alerts]
resolve_after = 1
[monitors.delay]
endpoint = "schedule-delay"
every = "1s"
rows = 150
thresholds = {{anomalies = false, attribution = false, concept_drift = "off"}}
[monitors.delay.action]
pipeline = "pipeline.py"
max_per_day = {ALLOWED}
cool_down_minutes = 0
params = {{source = "programme.csv"}}
[worker]
poll_seconds = 0.1
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The project with a model of the first snapshot; each test works on a copy of it."""
    workplace = Workplace(tmp_path_factory.mktemp("trained"))
    workplace.write_project()
    workplace.mw("run", "pipeline.py", "--source", "programme.csv")
    return workplace


@pytest.fixture
def workplace(trained: Workplace, tmp_path: Path) -> Workplace:
    """A copy of that project."""
    shutil.copytree(trained.folder, tmp_path, dirs_exist_ok=True)
    return Workplace(tmp_path)


@contextlib.contextmanager
def everything_up(workplace: Workplace, settings: str) -> Iterator[dict[str, Any]]:
    """`mw up` with these settings, from what it says of its parts to its end, which has to be a good one."""
    with (workplace.folder / "millwright.toml").open("a") as file:
        file.write(settings)
    up = workplace.start("up", "--port", "0", "--serve-port", "0", "--json")
    try:
        parts: dict[str, Any] = first_document(up)["parts"]
        yield parts
    finally:
        up.send_signal(signal.SIGINT)
        _, errors = up.communicate(timeout=PATIENCE_S)
    assert up.returncode == 0, errors
    assert all(is_gone(part["pid"]) for part in parts.values())


def snapshots(workplace: Workplace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the model has learned from, and what it is asked when the second snapshot has been taken, as JSON rows."""
    from millwright.data.contracts.file import load_contract
    from millwright.data.contracts.validation import validate
    from millwright.data.sources.source import read_source

    folder = workplace.folder
    later = folder / "later.csv"
    generate(7, period=2, scale=0.25).write_csv(later)
    files = (str(folder / "programme.csv"), str(later))
    contract = load_contract(str(folder / "contract.yaml"))
    first, second = (validate(read_source(file).frame, contract).valid for file in files)
    known: pl.DataFrame = PROGRAMME.arrivals(folder, (first.clear(), first), files)[0].drop_nulls("late")
    new: pl.DataFrame = PROGRAMME.arrivals(folder, (first, second), files)[0]
    with workplace.open() as workspace:
        inputs = [column["name"] for column in workspace.registry.resolve(f"{MODEL}@champion").signature["inputs"]]
    return json_rows(known.select(inputs)), json_rows(new.select(inputs))


def json_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: str(value) if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in frame.to_dicts()
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


def test_loop_closes_without_a_hand_while_everything_is_up(workplace: Workplace) -> None:
    _, rows = snapshots(workplace)
    with everything_up(workplace, SETTINGS) as parts, workplace.open() as workspace:
        # What the pipeline reads from now on.
        shutil.move(workplace.folder / "later.csv", workplace.folder / "programme.csv")
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
    assert decision.outcome in {Outcome.PROMOTED, Outcome.KEPT}
    assert champion == (decision.challenger if decision.outcome is Outcome.PROMOTED else decision.champion)
    assert alert.state is AlertState.RESOLVED
    assert declared["name"] == "delay"
    assert decision.outcome.value in page


def test_flapping_signal_gives_at_most_the_allowed_number_of_runs(workplace: Workplace) -> None:
    known, new = snapshots(workplace)
    # No challenger wins: the same version answers, and is compared with the same reference, in each wave.
    gates = "gates: [{gate: threshold, metric: roc_auc, min: 0.999}]"
    (workplace.folder / "gates.yaml").write_text(gates, encoding="utf-8")
    with everything_up(workplace, FLAPPING.replace(*QUICK)) as parts, workplace.open() as workspace:
        stores = workspace.stores
        with PredictionClient(parts["serve"]["url"], batch_rows=200) as client:
            for wave in range(1, ALLOWED + 2):
                workplace.write_table("programme.csv", seed=100 + wave)  # there is new data each time
                assert ask_and_wait(workspace, client, new[:150])
                wait_for_decisions(workspace, runs=min(wave, ALLOWED), refused=int(wave > ALLOWED))
                assert not ask_and_wait(workspace, client, random.Random(wave).sample(known, 150))
        runs = stores.pipelines.list_pipeline_runs()
        decisions = stores.monitors.list_decisions()
        launched = [each for each in stores.audit.list(subject=subject_of(MODEL)) if each.action == LAUNCH]
        alerts = stores.monitors.list_alerts(MODEL)
    # One run made the model; each other one is a retraining with its decision.
    asked_for = {each.details["run"] for each in launched}
    assert len(asked_for) == ALLOWED
    assert {run.id for run in runs if run.trigger.startswith("alert:")} == asked_for
    assert len(runs) == 1 + ALLOWED
    assert {each.pipeline_run_id for each in decisions if each.pipeline_run_id} == asked_for
    refused = [each for each in decisions if each.outcome is Outcome.SKIPPED]
    assert len(refused) + ALLOWED == len(decisions)
    assert f"was trained again {ALLOWED} times in 24 hours, which is its limit" in refused[0].reasons[0]
    assert all(each.alert_id in {alert.id for alert in alerts} for each in decisions)


def test_flapping_signal_without_new_data_starts_no_run_and_says_why(workplace: Workplace) -> None:
    known, new = snapshots(workplace)
    with everything_up(workplace, FLAPPING) as parts, workplace.open() as workspace:
        stores = workspace.stores
        with PredictionClient(parts["serve"]["url"], batch_rows=200) as client:
            for wave in (1, 2):
                assert ask_and_wait(workspace, client, new[:150])
                wait_for_decisions(workspace, runs=0, refused=1)
                assert not ask_and_wait(workspace, client, random.Random(wave).sample(known, 150))
        [decision] = stores.monitors.list_decisions()  # once a day, however often the signal flaps
        runs = stores.pipelines.list_pipeline_runs()
    assert decision.outcome is Outcome.SKIPPED
    assert decision.reasons[0].startswith(f"Not retrained: No new data since {MODEL}@1 (programme@1")
    assert len(runs) == 1
    assert runs[0].trigger.startswith("user:")


def wait_for_decisions(workspace: Workspace, *, runs: int, refused: int) -> None:
    """Wait until so many runs were decided about at least, and so many were refused."""

    def made() -> bool:
        outcomes = [each.outcome for each in workspace.stores.monitors.list_decisions()]
        skipped = outcomes.count(Outcome.SKIPPED)
        return len(outcomes) - skipped >= runs and skipped >= refused

    wait_for(made)


def ask_and_wait(workspace: Workspace, client: PredictionClient, rows: list[dict[str, Any]]) -> bool:
    """Ask for predictions, and wait for a check of nothing but these: whether it found drift."""
    asked_at = datetime.now(UTC)
    client.predict(rows)

    def check() -> MonitorReportRecord | None:
        reports = workspace.stores.monitors.list_reports(MODEL, limit=5)
        return next((each for each in reports if each.window_start >= asked_at and each.rows == len(rows)), None)

    document = workspace.monitor.read_document(wait_for(check))
    return any(finding["kind"] == "drift" for finding in document["findings"])
