from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError
from millwright.models.package import PackageLoader
from millwright.pipelines.context import RunLog
from millwright.pipelines.runner.observation import LiveLogs, Prices
from millwright.pipelines.secrets import Secrets
from millwright.workspace.step_service import open_secrets, run_log, step_services
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "millwright.toml").write_text(
        '[prices]\ncpu_hour = 0.04\ncurrency = "EUR"\n[secrets]\nprovider = "file"\npath = "secrets.env"\n'
    )
    (tmp_path / "secrets.env").write_text("TOKEN=hunter2\n")
    with Workspace.open(tmp_path) as opened:
        yield opened


def test_services_are_those_of_the_settings(workspace: Workspace) -> None:
    found = step_services(workspace.settings, folder=workspace.folder, stores=workspace.stores, clock=workspace.clock)
    assert set(found) == {Secrets, Prices, LiveLogs, PackageLoader, RunLog}
    assert found[PackageLoader] == PackageLoader(allow_code=False)
    assert found[Prices] == Prices(cpu_hour=0.04, currency="EUR")


def test_secrets_are_read_beside_the_settings(workspace: Workspace) -> None:
    assert open_secrets(workspace.settings, workspace.folder).get("TOKEN") == "hunter2"


def test_unknown_provider_is_refused_with_the_closest(tmp_path: Path) -> None:
    (tmp_path / "millwright.toml").write_text('[secrets]\nprovider = "envv"\n')
    with Workspace.open(tmp_path) as opened, pytest.raises(ConfigurationError) as caught:
        _ = opened.runner
    assert caught.value.hint == "Did you mean 'env'?"


def test_what_is_logged_stands_in_the_tracked_run(workspace: Workspace, tmp_path: Path) -> None:
    log = run_log(workspace.stores, workspace.clock)
    with workspace.tracker.start_run("demo") as run:
        log.metrics(run.id, {"loss": 0.5}, 3)
        log.metrics(run.id, {}, 3)
        log.params(run.id, {"depth": 3, "layers": [1, 2]})
        (tmp_path / "plot.txt").write_text("plot")
        log.artifact(run.id, tmp_path / "plot.txt", "plots")
    record = workspace.tracker.get(run.id)
    assert (record.metrics["loss"], record.params) == (0.5, {"depth": "3", "layers": "[1, 2]"})
    found = workspace.stores.files.find(f"{record.experiment_id}/{run.id}/artifacts/plots/plot.txt")
    assert found is not None
    assert workspace.stores.artifacts.get(found.digest) == b"plot"


def test_files_that_cannot_be_kept_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    log = run_log(workspace.stores, workspace.clock)
    with workspace.tracker.start_run("demo") as run:
        with pytest.raises(NotFoundError, match="There is no file"):
            log.artifact(run.id, tmp_path / "gone", "")
        with pytest.raises(InvalidInputError, match="found the folder"):
            log.artifact(run.id, tmp_path, "")
        with pytest.raises(InvalidInputError):
            log.artifact(run.id, tmp_path / "secrets.env", "../..")
