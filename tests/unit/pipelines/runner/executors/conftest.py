"""A runner whose steps run elsewhere, over the stores of the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.pipelines.runner import PipelineRunner, RunnerSettings
from millwright.pipelines.runner.executors.remote import Opener
from millwright.pipelines.runner.observation import LiveLogs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SIDE = """
from pathlib import Path

from millwright.pipelines.runner.executors.remote import Side
from millwright.pipelines.runner.observation import LiveLogs
from millwright.pipelines.serializers import ValueTypes
from millwright.storage.catalog import open_stores

def open_side(config):
    stores = open_stores(
        records_url=f"sqlite:///{config['store']}/records.db",
        artifacts_url=f"{config['store']}/artifacts",
        predictions_url=f"{config['store']}/predictions",
    )
    services = {LiveLogs: LiveLogs(Path(config["store"], "live"))}
    return Side(artifacts=stores.artifacts, types=ValueTypes(), services=services)
"""


@pytest.fixture
def opener(tmp_path: Path) -> Opener:
    folder = tmp_path / "side"
    folder.mkdir()
    (folder / "test_side.py").write_text(_SIDE)
    return Opener(function="test_side:open_side", config={"store": str(tmp_path / "store")}, paths=(str(folder),))


@pytest.fixture
def elsewhere(bench: Any, opener: Opener, tmp_path: Path) -> Callable[[str, Callable[..., Any]], Any]:
    """Gives the bench a runner that executes steps by an executor, which is made from a run's parts and the opener."""

    def make(name: str, executor: Callable[..., Any]) -> Any:
        bench.runner = PipelineRunner(
            stores=bench.stores,
            clock=SystemClock(),
            events=EventBus(),
            services={LiveLogs: LiveLogs(tmp_path / "store" / "live")},
            progress=bench.progress,
            settings=RunnerSettings(executors={name: lambda parts: executor(parts, opener)}, executor=name),
        )
        return bench

    return make
