"""The control plane over a small workspace: a model was trained, served, watched, and an alert was raised."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from litestar.testing import TestClient

from millwright.core.ids import DecisionId, new_id
from millwright.core.records.monitor import DecisionRecord, Outcome
from millwright.server.app import build_app
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
        app = build_app(stores=workspace.stores, registry=workspace.registry, monitor=workspace.monitor)
        prediction = (watched_once / "ids.txt").read_text(encoding="utf-8").splitlines()[0]
        with TestClient(app, base_url=HOST) as client:  # type: ignore[arg-type]
            yield Control(client, workspace, prediction)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Control]:
    """The application over a workspace in which nothing has happened."""
    with Workspace.open(tmp_path) as workspace:
        app = build_app(stores=workspace.stores, registry=workspace.registry, monitor=workspace.monitor)
        with TestClient(app, base_url=HOST) as client:  # type: ignore[arg-type]
            yield Control(client, workspace, "none")
