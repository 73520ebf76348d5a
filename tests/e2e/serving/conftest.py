"""The project's model, served by `mw serve` as a process."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from e2e.server import Server
from e2e.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "schedule-delay"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The project, whose pipeline has run. Don't change it; take a copy for that."""
    workplace = Workplace(tmp_path_factory.mktemp("trained"))
    workplace.write_project()
    workplace.mw("run", "pipeline.py", "--source", "programme.csv")
    return workplace


@pytest.fixture(scope="module")
def server(trained: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The project's model, served."""
    workplace = Workplace(tmp_path_factory.mktemp("served") / "project")
    shutil.copytree(trained.folder, workplace.folder)
    with Server(workplace, f"{MODEL}@champion") as running:
        yield running
