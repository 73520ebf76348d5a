from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.workspace.workspace import Workspace
from tiny.queue_world import clock, stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["clock", "stores"]

PIPELINE = """
import os
import time
from pathlib import Path

import millwright as mw


@mw.step(cache=False)
def work(number: int, how: str) -> int:
    if how == "die":
        os._exit(9)
    if how == "fail":
        raise ValueError("on purpose")
    Path("here.txt").write_text(os.getcwd())
    while how == "wait":
        time.sleep(0.01)
    return number


@mw.pipeline
def worked(number: int = 1, how: str = ""):
    work(number, how)
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with a pipeline, and the folder that `mw` is called in."""
    (tmp_path / "pipeline.py").write_text(PIPELINE, encoding="utf-8")
    (tmp_path / "millwright.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with Workspace.open(tmp_path) as opened:
        yield opened
