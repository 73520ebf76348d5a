"""The control plane's pages in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from tiny import forking
from tiny.project import MODEL, train, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HEADLESS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage")
PNG = b"\x89PNG"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="needs chromium on the PATH")]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`mw server` over a trained project."""
    folder = tmp_path_factory.mktemp("pages") / "project"
    write_project(folder)
    train(folder)
    with forking.start(["-m", "millwright", "server", "--port", "0"], cwd=folder, stderr=None) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found is not None
        yield found[0]
        server.terminate()


def browse(folder: Path, *options: str) -> str:
    """What the browser prints."""
    command = [str(BROWSER), *HEADLESS, f"--user-data-dir={folder / 'profile'}", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize(
    ("path", "heading", "holds"),
    [
        ("/", "Overview", "1 champion"),
        ("/datasets", "Data", "visits@1"),
        ("/datasets/visits/1", "visits@1", "crew"),
        ("/experiments", "Experiments", "Default"),
        ("/experiments/0?filter=metrics.auc", "Default", "expected a comparison"),
        ("/runs", "Runs", "completed"),
        ("/models", "Models", MODEL),
        (f"/models/{MODEL}", MODEL, "champion"),
        (f"/models/{MODEL}/1", f"{MODEL}@1", "All gates passed."),
        ("/rollouts", "Rollouts", "No version has shared an endpoint yet."),
        ("/monitoring", "Monitoring", "No endpoint was served yet."),
        ("/silences", "Silences", "Nothing is silenced."),
        ("/decisions", "Decisions", "Nothing had to be decided yet."),
        ("/audit", "Audit log", "it holds"),
        ("/nowhere", "Not Found", "There is nothing at /nowhere."),
    ],
)
def test_page_renders_in_a_browser(url, tmp_path, path, heading, holds):
    document = browse(tmp_path, "--dump-dom", url + path)
    assert f"<h1>{heading}</h1>" in document
    assert holds in document


def test_page_is_drawn_with_its_stylesheet_on_a_phone(url, tmp_path):
    picture = tmp_path / "page.png"
    browse(tmp_path, "--window-size=500,900", f"--screenshot={picture}", url)
    assert picture.read_bytes().startswith(PNG)
    assert picture.stat().st_size > 20_000


def test_document_runs_its_figures_but_has_no_power_over_the_server(url, tmp_path):
    path = f"/models/{MODEL}/1/documents/report.html"
    assert "sandbox allow-scripts;" in httpx.get(url + path).headers["content-security-policy"]
    document = browse(tmp_path, "--virtual-time-budget=10000", "--dump-dom", url + path)
    assert "js-plotly-plot" in document  # its own scripts have drawn


@pytest.fixture(scope="module")
def tracked(url):
    """Two runs with histories, as a client on the wire logs them."""
    ids = []
    with httpx.Client(base_url=f"{url}/api/2.0/mlflow") as client:
        for number in range(2):
            body = {"experiment_id": "0", "run_name": f"<b>run</b> {number}", "start_time": 1_767_225_600_000}
            run_id = client.post("/runs/create", json=body).json()["run"]["info"]["run_id"]
            points = [
                {"key": "loss", "value": 1 / (step + 1 + number), "step": step, "timestamp": 1_767_225_600_000 + step}
                for step in range(100)
            ]
            params = [{"key": "lr", "value": str(number)}]
            answer = client.post("/runs/log-batch", json={"run_id": run_id, "metrics": points, "params": params})
            assert answer.status_code == 200, answer.text
            ids.append(run_id)
    return ids


def test_histories_are_drawn_under_the_policy_of_the_page(url, tmp_path, tracked):
    budget = ("--virtual-time-budget=10000", "--window-size=1200,5000")  # charts are loaded as they come into view
    document = browse(tmp_path, *budget, "--dump-dom", f"{url}/tracked/{tracked[0]}")
    assert "js-plotly-plot" in document
    assert 'class="trace scatter' in document
    assert "Cannot be drawn" not in document
    document = browse(tmp_path, *budget, "--dump-dom", f"{url}/compare?runs={','.join(tracked)}")
    assert document.count('class="trace scatter') >= 3  # a line for each run, and the dots
    assert "<b>run</b>" not in document.partition("<main>")[2]


def test_runs_of_an_experiment_are_drawn_on_a_phone(url, tmp_path, tracked):
    document = browse(tmp_path, "--window-size=500,900", "--dump-dom", f"{url}/experiments/0")
    assert tracked[0] in document
    assert "Compare the picked runs" in document
