"""The demonstration, once, on a small programme with two quick candidates."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from millwright.core.progress import SilentProgress
from millwright.core.records.pipeline import StepRunRecord
from millwright.demo.loop import DemoRequest, DemoResult, run_demo
from millwright.demo.programme.generator import generate
from millwright.demo.project import PROGRAMME, DemoProject

if TYPE_CHECKING:
    from pathlib import Path

SCALE = 0.3


class QuickProject(DemoProject):
    """The programme's project, whose pipeline tries little."""

    def copy(self, folder: Path) -> None:
        super().copy(folder)
        path = folder / "pipeline.py"
        text = path.read_text(encoding="utf-8")
        text = text.replace("trials: int = 16", "trials: int = 2")
        quick = text.replace(
            'target="late", trials', 'target="late", candidates=["logistic_regression", "decision_tree"], trials'
        )
        assert "trials: int = 2" in quick
        assert "decision_tree" in quick
        path.write_text(quick, encoding="utf-8")


@dataclass(frozen=True)
class Demonstration:
    """What `run_demo` gave, and what it told while it ran."""

    result: DemoResult
    told: list[tuple[str, str, bool]]  # stage, what, whether it had ended
    steps: list[StepRunRecord]

    @property
    def folder(self) -> Path:
        return self.result.page.parent

    def what(self, stage: str) -> str:
        """The sentence of a stage."""
        return next(done.what for done in self.result.stages if done.name == stage)


@pytest.fixture(scope="session")
def quick_project() -> DemoProject:
    return QuickProject(name=PROGRAMME.name, module=PROGRAMME.module)


@pytest.fixture(scope="session")
def demonstrated(quick_project: DemoProject, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """Once around the loop; its folder is not to be changed, take `demonstrated_copy` for that."""
    told: list[tuple[str, str, bool]] = []
    steps: list[StepRunRecord] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("millwright.demo.loop.PROGRAMME", quick_project)
        patch.setattr("millwright.demo.loop.generate", partial(generate, scale=SCALE))
        result = run_demo(
            DemoRequest(folder=tmp_path_factory.mktemp("demonstrated") / "demo", seed=7),
            progress=SilentProgress(),
            on_stage=lambda stage: told.append((stage.name, stage.what, stage.seconds is not None)),
            on_step=steps.append,
        )
    return Demonstration(result, told, steps)


@pytest.fixture
def demonstrated_copy(demonstrated: Demonstration, tmp_path: Path) -> Path:
    """A copy of the demonstration's folder, to be changed as a test likes."""
    shutil.copytree(demonstrated.folder, tmp_path / "demo")
    return tmp_path / "demo"
