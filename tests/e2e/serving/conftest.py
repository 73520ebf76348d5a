"""The project's model, served by `mw serve` as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.server import Server
from e2e.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "schedule-delay"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The project's model, served."""
    workplace = Workplace(tmp_path_factory.mktemp("served"))
    workplace.write_project()
    workplace.mw("run", "pipeline.py", "--source", "programme.csv")
    with Server(workplace, f"{MODEL}@champion") as running:
        yield running
