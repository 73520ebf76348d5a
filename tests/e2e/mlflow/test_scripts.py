"""Scripts that know nothing of Millwright, run against it by changing one address."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish
from tiny import forking

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("mlflow", reason="needs the mlflow client")
SCRIPTS = Path(__file__).parent / "scripts"
_URL = re.compile(r"http://[\w.]+:\d+")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """`mw server` as a process, in an empty folder."""
    process = Workplace(tmp_path).start("server", "--port", "0")
    assert process.stdout is not None
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    yield found.group()
    process.terminate()
    finish(process)


def run(script: str, url: str, folder: Path) -> str:
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_URI": url,
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # a failure is to be seen, not waited for
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "GIT_PYTHON_REFRESH": "quiet",
        "OMP_NUM_THREADS": "1",
    }
    return finish(forking.start([str(SCRIPTS / script)], cwd=folder, env=environment, libraries=("mlflow",))).out


@pytest.mark.slow
def test_quick_start_runs_unchanged(url, tmp_path):
    out = run("quickstart.py", url, tmp_path)
    assert out.strip().splitlines()[-1] == "1 True 1"


@pytest.mark.slow
def test_autologging_project_runs_unchanged(url, tmp_path):
    pytest.importorskip("lightgbm", reason="needs lightgbm")
    out = run("autologging.py", url, tmp_path)
    children, rest = out.strip().splitlines()[-1].split(" ", 1)
    assert int(children) == 3
    assert rest.startswith(f"{list(range(15))} 2 True ")
    assert int(rest.rpartition(" ")[2]) >= 2
