"""`mw serve` as a process of its own, started and stopped as the demonstration does it."""

from __future__ import annotations

import os
import shutil
import signal
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ServiceUnavailableError, StorageError
from millwright.core.process import is_dead
from millwright.core.records.prediction import EndpointRecord
from millwright.demo import service as service_module
from millwright.demo.service import Service
from millwright.deployment.realtime.client import PredictionClient
from millwright.workspace.workspace import Workspace
from tiny.project import FEATURES, MODEL, visits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


CHAMPION = f"{MODEL}@champion"


@pytest.fixture(scope="module")
def workspace(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("service") / "project"
    shutil.copytree(trained_once, folder)
    with Workspace.open(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def running(workspace: Workspace) -> Iterator[Service]:
    with Service(workspace.folder, CHAMPION, "visits", endpoints=workspace.stores.endpoints) as service:
        yield service


def test_service_answers_where_it_says(running):
    with PredictionClient(running.url) as client:
        answer = client.predict(visits(3).select(FEATURES).to_dicts())
    assert answer.models == ("late-visit@1",) * 3


def test_service_is_a_process_of_its_own(running, workspace):
    owner = workspace.stores.endpoints.find("visits").owner
    assert f":{os.getpid()}:" not in owner
    assert not is_dead(owner)


def test_service_tells_the_version_that_answers(running):
    assert running.serving_version() == 1
    assert running.wait_for_version(1)


def test_waiting_for_a_version_that_does_not_come_ends(running):
    started = time.monotonic()
    assert not running.wait_for_version(2, timeout_s=0.1)
    assert time.monotonic() - started < 2


def test_service_whose_endpoint_was_never_served_has_no_version(workspace):
    assert Service(workspace.folder, CHAMPION, "never", endpoints=workspace.stores.endpoints).serving_version() is None


def test_service_drains_and_leaves_when_the_context_ends(workspace):
    endpoints = workspace.stores.endpoints
    with Service(workspace.folder, CHAMPION, "short", endpoints=endpoints) as service:
        url, owner = service.url, endpoints.find("short").owner
        assert url.startswith("http://127.0.0.1:")
    assert is_dead(owner)
    assert endpoints.find("short").url == ""  # it said good-bye: it was not killed
    service.stop()  # once more does no harm
    with PredictionClient(url, attempts=1) as client, pytest.raises(ServiceUnavailableError):
        client.predict([{}])


def test_service_that_does_not_leave_is_killed(workspace, monkeypatch):
    monkeypatch.setattr(service_module, "_STOP_TIMEOUT_S", 0.1)
    endpoints = workspace.stores.endpoints
    with Service(workspace.folder, CHAMPION, "stuck", endpoints=endpoints):
        owner = endpoints.find("stuck").owner
        os.kill(int(owner.split(":")[1]), signal.SIGSTOP)
    assert is_dead(owner)


def test_server_that_ends_at_once_is_told_with_its_log_and_an_old_entry_is_not_taken_for_it(workspace):
    left_behind = EndpointRecord(
        name="old",
        model=MODEL,
        selector="champion",
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        url="http://127.0.0.1:1",
        serving_version=1,
        owner="elsewhere:1:1",
    )
    workspace.stores.endpoints.put(left_behind)
    service = Service(workspace.folder, f"{MODEL}@nobody", "old", endpoints=workspace.stores.endpoints)
    with pytest.raises(ServiceUnavailableError, match="did not start") as caught, service:
        pass
    log = workspace.folder / "server.log"
    assert str(log) in caught.value.hint
    assert "nobody" in log.read_text(encoding="utf-8")


class _Away:
    """A store that fails when it is asked, and remembers which process was waited for then."""

    service: Service | None = None
    process: Any = None

    def find(self, name: str) -> Any:
        assert self.service is not None
        self.process = self.service._process
        raise StorageError(f"the store is away, and {name} with it")


def test_process_is_stopped_when_waiting_for_it_fails(workspace):
    store = _Away()
    away: Any = store
    store.service = Service(workspace.folder, CHAMPION, "visits", endpoints=away)
    with pytest.raises(StorageError), store.service:
        pass
    assert store.process.returncode is not None
