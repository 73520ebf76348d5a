"""What the workspace offers to steps, besides its rooms: secrets, prices, which models load, a tracked run, logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.file import check_file_path
from millwright.models.package import PackageLoader
from millwright.pipelines.context import RunLog
from millwright.pipelines.runner.observation.live import LiveLogs
from millwright.pipelines.runner.observation.price import Prices
from millwright.pipelines.secrets import Secrets, SecretSource, open_provider
from millwright.tracking.run import metric_points, texts
from millwright.tracking.store_sink import artifact_root
from millwright.workspace.location import DATA_FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.core.clock import Clock
    from millwright.core.ids import RunId
    from millwright.storage.catalog import Stores
    from millwright.workspace.settings import Settings


def step_services(settings: Settings, *, folder: Path, stores: Stores, clock: Clock) -> dict[type, object]:
    """The services, by type.

    Raises:
        ConfigurationError: The settings name a place of secrets that is not there.
    """
    return {
        Secrets: open_secrets(settings, folder),
        Prices: Prices(**settings.prices.model_dump()),
        LiveLogs: live_logs(folder),
        PackageLoader: PackageLoader(allow_code=settings.models.allow_code),
        RunLog: run_log(stores, clock),
    }


def open_secrets(settings: Settings, folder: Path) -> Secrets:
    """The workspace's secrets; a relative path in the settings begins at its folder.

    Raises:
        ConfigurationError: There is no such provider, or it lacks a setting.
    """
    section = settings.secrets
    path = str(folder / section.path) if section.path else ""
    return Secrets(open_provider(SecretSource(provider=section.provider, path=path, options=section.options)))


def live_logs(folder: Path) -> LiveLogs:
    """What the steps that execute on this machine have printed so far.

    Args:
        folder: The workspace's.
    """
    return LiveLogs(folder / DATA_FOLDER / "live")


def run_log(stores: Stores, clock: Clock) -> RunLog:
    """Writes what steps log to tracked runs."""

    def metrics(run_id: RunId, values: Mapping[str, float], step: int) -> None:
        points = metric_points(values, step, clock.now())
        if points:
            stores.runs.append_metrics(run_id, points)

    def params(run_id: RunId, values: Mapping[str, Any]) -> None:
        stores.runs.put_params(run_id, texts(values, "parameter"))

    def artifact(run_id: RunId, file: Path, within: str) -> None:
        if file.is_dir():
            raise InvalidInputError(
                f"Expected a file, found the folder '{file}'.", hint="Log its files one by one, or return the folder."
            )
        if not file.is_file():
            raise NotFoundError(f"There is no file '{file}'.")
        path = check_file_path(f"{within}/{file.name}" if within else file.name)
        root = artifact_root(stores.runs.get_run(run_id))
        digest = stores.artifacts.put_file(file)
        stores.files.put(f"{root}/{path}", digest, file.stat().st_size, clock.now())

    return RunLog(metrics=metrics, params=params, artifact=artifact)
