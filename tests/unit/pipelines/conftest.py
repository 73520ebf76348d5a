"""Projects of real files, real stores in a temporary folder, and a runner over them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.events import Event, EventBus
from millwright.core.progress import SilentProgress
from millwright.core.records.code import CodeRecord
from millwright.pipelines.runner import PipelineRunner, PipelineRunResult, RunOptions
from millwright.pipelines.source import load_pipeline
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from millwright.pipelines.pipeline import Pipeline

CODE = CodeRecord(entrypoint="pipeline.py:demo", snapshot=None, source_digest=digest_bytes(b"source"))


class SayingProgress(SilentProgress):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@dataclass
class Bench:
    """A runner over real stores, and what it did."""

    stores: Stores
    runner: PipelineRunner
    project: Path
    progress: SayingProgress
    heard: list[Event] = field(default_factory=list)

    def run(
        self, pipeline: Pipeline, params: Mapping[str, Any] | None = None, options: RunOptions | None = None
    ) -> PipelineRunResult:
        graph = pipeline.bind(params or {}, types=self.runner.types)
        return self.runner.run(graph, code=CODE, project_dir=self.project, options=options)


def statuses(result: PipelineRunResult) -> dict[str, str]:
    return {record.step: record.status.value for record in result.steps}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes files into the project: `write(pipeline="…", helper="…")`; the names are those of modules."""
    project = tmp_path / "project"

    def write_files(**modules: str) -> Path:
        for name, text in modules.items():
            path = project / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return project / "pipeline.py"

    return write_files


@pytest.fixture
def load(write: Callable[..., Path]) -> Callable[..., Pipeline]:
    """Writes files and loads the pipeline in `pipeline.py`."""
    return lambda **modules: load_pipeline(write(**modules))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'store' / 'records.db'}",
        artifacts_url=str(tmp_path / "store" / "artifacts"),
        predictions_url=str(tmp_path / "store" / "predictions"),
    )
    yield opened
    opened.close()


@pytest.fixture
def bench(stores: Stores, tmp_path: Path) -> Bench:
    events, progress, project = EventBus(), SayingProgress(), tmp_path / "project"
    project.mkdir(exist_ok=True)
    runner = PipelineRunner(stores=stores, clock=SystemClock(), events=events, services={}, progress=progress)
    made = Bench(stores, runner, project, progress)
    events.subscribe("*", made.heard.append)
    return made
