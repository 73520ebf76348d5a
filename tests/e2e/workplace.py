"""A workspace with a project in it, and `mw` run there as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.demo.programme.generator import generate
from millwright.demo.project import PROGRAMME
from millwright.workspace.workspace import Workspace
from tiny import forking

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Finished:
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Workplace:
    """A workspace's folder and the store of its records.

    Attributes:
        store: URL of the records; a SQLite file in the folder when empty.
    """

    folder: Path
    store: str = ""

    def write_project(self, below: str = ".", *, seed: int = 7) -> Path:
        """The small project, with a table `programme.csv` beside it; the pipeline's path."""
        folder = self.folder / below
        folder.mkdir(parents=True, exist_ok=True)
        PROGRAMME.copy(folder)
        for file in (HERE / "project").glob("*.*"):
            shutil.copyfile(file, folder / file.name)
        self.write_table(f"{below}/programme.csv", seed=seed)
        return folder / "pipeline.py"

    def write_table(self, name: str, *, seed: int) -> Path:
        """A snapshot of some 1,600 activities."""
        path = self.folder / name
        generate(seed, scale=0.25).write_csv(path)
        return path

    def start(self, *words: str, program: Sequence[str] = ("-m", "millwright")) -> subprocess.Popen[str]:
        """`mw` with these arguments, running."""
        return forking.start([*program, *words], cwd=self.folder, env=self._environment())

    def mw(self, *words: str, code: int | None = 0, program: Sequence[str] = ("-m", "millwright")) -> Finished:
        """`mw` with these arguments, run to its end; the exit code is the one expected (any when None)."""
        return finish(self.start(*words, program=program), code=code)

    def open(self) -> Workspace:
        """The same workspace, in this process."""
        return Workspace.open(self.folder, overrides={"store": self.store} if self.store else None)

    def _environment(self) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MILLWRIGHT_")}
        # Width and colours of the developer's terminal do not reach what is compared.
        environment |= {"COLUMNS": "200", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
        return environment | ({"MILLWRIGHT_STORE": self.store} if self.store else {})


def finish(process: subprocess.Popen[str], *, code: int | None = 0) -> Finished:
    """Wait for a process that `start` gave; one that hangs is killed, and fails the test."""
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"{process.args} did not end within {PATIENCE_S} s.\n{out}\n{err}") from None
    assert code is None or process.returncode == code, f"{process.args} ended with {process.returncode}\n{out}\n{err}"
    return Finished(process.returncode, out, err)
