from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.models.function import PythonFunction
from unit.models.functions import delay_module

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def delay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PythonFunction:
    """Days late, with a file of weights and a factor."""
    module = delay_module(tmp_path, monkeypatch)
    return PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 2.0})
