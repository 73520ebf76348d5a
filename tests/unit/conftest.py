"""A workspace in which a model was trained, and the command line as a user calls it."""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is not JSON")

        return json.loads(self.out, parse_constant=refuse)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose pipeline has run once: `late-visit@1` is champion. Don't change it; take `trained` for that."""
    from tiny.project import train, write_project

    folder = tmp_path_factory.mktemp("trained") / "project"
    write_project(folder)
    train(folder)
    return folder


@pytest.fixture(scope="session")
def served_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same project, after its model predicted 120 visits with more load and the outcome of 100 is in labels.csv.

    Don't change it; take `served` for that. The predictions' ids are in `ids.txt`.
    """
    import polars as pl

    from millwright.deployment.realtime.client import PredictionClient
    from tiny.project import FEATURES, server, visits

    folder = tmp_path_factory.mktemp("served") / "project"
    shutil.copytree(trained_once, folder)
    rows = visits(120, seed=1, shift=1.5, noise=3.0)
    with server(folder) as url, PredictionClient(url) as client:
        ids = list(client.predict(rows.select(FEATURES).to_dicts(), keys=[str(n) for n in range(120)]).ids)
    pl.DataFrame({"prediction_id": ids[:100], "label": rows["late"][:100]}).write_csv(folder / "labels.csv")
    (folder / "ids.txt").write_text("\n".join(ids), encoding="utf-8")
    return folder


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """A copy of the trained project, to be changed as a test likes."""
    return _copy(trained_once, tmp_path)


@pytest.fixture
def served(served_once: Path, tmp_path: Path) -> Path:
    """A copy of the served project, to be changed as a test likes."""
    return _copy(served_once, tmp_path)


def _copy(project: Path, tmp_path: Path) -> Path:
    shutil.copytree(project, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def mw(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Calls a command in a folder: `mw(folder, "models", "list", "--json")`."""
    from millwright.cli.main import main

    monkeypatch.delenv("COLUMNS", raising=False)

    def call(folder: Path, *words: str) -> Answer:
        capsys.readouterr()
        before, package = dict(os.environ), logging.getLogger("millwright")
        handlers, level = list(package.handlers), package.level
        monkeypatch.chdir(folder)
        code = 0
        try:
            main(list(words))
        except SystemExit as leave:
            code = int(leave.code or 0)
        finally:
            for name in set(os.environ) - set(before):
                del os.environ[name]
            os.environ.update(before)
            package.handlers[:] = handlers
            package.setLevel(level)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call
