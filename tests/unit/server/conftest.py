"""The control plane over a small workspace: a model was trained, served, watched, and an alert was raised."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from litestar.testing import TestClient

from millwright.core.ids import DecisionId, ExperimentId, new_id
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.logged_model import LoggedModelRecord, LoggedModelStatus
from millwright.core.records.monitor import DecisionRecord, Outcome
from millwright.core.records.run import MetricPoint, RunStatus
from millwright.core.records.run_input import DatasetInput
from millwright.server.app import build_app
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace
from tiny.project import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

HOST = "http://127.0.0.1"


@dataclass(frozen=True)
class Control:
    """The application as a caller sees it, and the workspace behind it."""

    client: TestClient[Any]
    workspace: Workspace
    prediction: str

    def get(self, path: str, **headers: str) -> Response:
        """Ask as a program does."""
        return self.client.get(path, headers=headers, follow_redirects=False)

    def json(self, path: str) -> Any:
        """What the API answers; it must be a success."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def page(self, path: str) -> str:
        """A page's visible text as a browser's reader sees it, without tags; it must be a success."""
        answer = self.get(path, accept="text/html")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/html")
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture(scope="session")
def watched_once(served_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The served project after its labels came back, its endpoint was checked, and a challenger lost."""
    folder = tmp_path_factory.mktemp("watched") / "project"
    shutil.copytree(served_once, folder)
    with Workspace.open(folder) as workspace:
        workspace.labels.add_file(MODEL, folder / "labels.csv")
        workspace.check_endpoint(MODEL)
        monitors = workspace.stores.monitors
        monitors.append_decision(
            DecisionRecord(
                id=DecisionId(new_id()),
                trigger="late-visit-alerts",
                outcome=Outcome.KEPT,
                at=workspace.clock.now(),
                alert_id=monitors.list_alerts()[0].id,
                challenger=f"{MODEL}@1",
                champion=f"{MODEL}@1",
                reasons=("threshold: ROC AUC is too low.",),
            )
        )
    return folder


@pytest.fixture(scope="session")
def control(watched_once: Path) -> Iterator[Control]:
    """The application over that project; nothing can be changed through it."""
    with Workspace.open(watched_once) as workspace:
        app = build_app(services_of(workspace))
        prediction = (watched_once / "ids.txt").read_text(encoding="utf-8").splitlines()[0]
        with TestClient(app, base_url=HOST) as client:  # type: ignore[arg-type]
            yield Control(client, workspace, prediction)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Control]:
    """The application over a workspace in which nothing has happened."""
    with Workspace.open(tmp_path) as workspace:
        app = build_app(services_of(workspace))
        with TestClient(app, base_url=HOST) as client:  # type: ignore[arg-type]
            yield Control(client, workspace, "none")


@dataclass(frozen=True)
class Lab(Control):
    """The application over tracked runs: `first` inside `parent`, `second`, and one that is deleted."""

    experiment: str
    parent: str
    first: str
    second: str
    deleted: str
    model: str

    def html(self, path: str, *, status: int = 200) -> str:
        """A page as it is sent."""
        answer = self.get(path, accept="text/html")
        assert answer.status_code == status, answer.text
        return answer.text

    def put_file(self, path: str, data: bytes, root: str = "") -> None:
        """Keep a file of the first run."""
        stores = self.workspace.stores
        root = root or f"{self.experiment}/{self.first}/artifacts"
        stores.files.put(f"{root}/{path}", stores.artifacts.put(data), len(data), self.workspace.clock.now())


@pytest.fixture
def lab(empty: Control) -> Lab:
    """An experiment with four runs, files, a dataset and a logged model."""
    from millwright.testing import sample  # here: tests/contracts has its assertions rewritten before the first import

    stores = empty.workspace.stores
    experiment = stores.experiments.create(
        replace(sample.experiment("signals"), id=ExperimentId(""), tags={"team": "a", "mlflow.note.content": "A note."})
    )
    ids = []
    for number, name in enumerate(("parent", "first", "second", "gone")):
        run = sample.run(
            experiment.id,
            name=name,
            parent_id=ids[0] if name == "first" else None,
            started_at=sample.moment(60 * number),
            params={"lr": f"0.{number}", "model": "rf"},
            tags={"team": "a" if number % 2 else "b", "mlflow.user": "ann"},
            user="ann",
        )
        stores.runs.create_run(run)
        ids.append(run.id)
    parent, first, second, gone = ids
    for number, run_id in enumerate((first, second)):
        points = [
            MetricPoint(key="loss", value=1 / (step + 1 + number), step=step, at=sample.moment(step))
            for step in range(20)
        ]
        points.append(MetricPoint(key="auc", value=0.8 + number / 10, step=0, at=sample.moment()))
        points += [MetricPoint(key="system/cpu", value=50.0 + s, step=s, at=sample.moment(s)) for s in range(3)]
        stores.runs.append_metrics(run_id, points)
        stores.runs.finish_run(run_id, RunStatus.FINISHED, sample.moment(500))
    stores.runs.set_lifecycle(gone, Lifecycle.DELETED, sample.moment(900))
    model = LoggedModelRecord(
        id="m-" + "a" * 32,
        experiment_id=experiment.id,
        name="forest",
        artifact_location=f"mlflow-artifacts:/{experiment.id}/models/m-{'a' * 32}/artifacts",
        created_at=sample.NOON,
        updated_at=sample.NOON,
        status=LoggedModelStatus.READY,
        source_run_id=first,
        params={"trees": "100"},
    )
    stores.logged_models.create(model)
    used = DatasetInput(
        name="visits", digest="1f2e", source_type="local", source="/data/v", tags={"mlflow.data.context": "training"}
    )
    stores.runs.add_inputs(first, [used])
    return Lab(empty.client, empty.workspace, "none", experiment.id, parent, first, second, gone, model.id)
