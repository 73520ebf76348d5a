"""A small project of a user's: 300 visits, of which some come late, and a pipeline with two quick candidates."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.deployment.realtime.server import ServedChoice, ServeOptions, serve
from millwright.pipelines.runner import RunOptions
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.pipelines.runner import PipelineRunResult

MODEL = "late-visit"
FEATURES = ("load", "crew", "days")

PIPELINE = '''"""From a table of visits to a served model."""

from __future__ import annotations

from typing import Annotated

import millwright as mw


@mw.pipeline(name="late-visit")
def late_visit(source: Annotated[str, mw.External()] = "visits.csv", trials: int = 2) -> None:
    raw = mw.steps.ingest(source, dataset="visits")
    valid = mw.steps.validate(raw, contract="contract.yaml")
    train, test = mw.steps.split(valid, stratify="late")
    model = mw.steps.tune(train, target="late", candidates=["logistic_regression", "decision_tree"], trials=trials)
    report = mw.steps.evaluate(model, test)
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name="late-visit", gates="gates.yaml")
    version = mw.steps.register(package, report, gates, train, test, name="late-visit")
    mw.steps.deploy(version, gates)
'''

CONTRACT = """name: visits
max_quarantined: 0.5
columns:
  load: {type: number}
  crew: {type: category, allowed: [a, b, c, d]}
  days: {type: integer, min: 0}
  late: {type: category}
"""

GATES = """gates:
  - gate: signature
  - gate: threshold
    metric: roc_auc
    min: 0.6
"""


def visits(rows: int = 300, *, seed: int = 0, shift: float = 0.0, noise: float = 0.5) -> pl.DataFrame:
    """Visits whose lateness depends on load and crew; `shift` moves the load, `noise` blurs what it says."""
    random = np.random.default_rng(seed)
    load = (random.normal(size=rows) + shift).round(3)
    crew = random.choice(["a", "b", "c"], rows)
    late = np.where(load + (crew == "a") + random.normal(scale=noise, size=rows) > 0.4, "yes", "no")
    return pl.DataFrame({"load": load, "crew": crew, "days": random.integers(1, 60, rows), "late": late})


def write_project(folder: Path) -> None:
    """The files of the project, as a user has them."""
    folder.mkdir(parents=True, exist_ok=True)
    visits().write_csv(folder / "visits.csv")
    for name, text in (("pipeline.py", PIPELINE), ("contract.yaml", CONTRACT), ("gates.yaml", GATES)):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "millwright.toml").write_text('actor = "ann"\n', encoding="utf-8")


def train(folder: Path, **params: str | int) -> PipelineRunResult:
    """Run the project's pipeline in its folder."""
    with Workspace.open(folder) as workspace:
        return workspace.launcher.run(str(folder / "pipeline.py"), params, RunOptions(trigger="user:ann"))


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The model's champion, served by a thread of this process; its address."""
    stop, started, address = threading.Event(), threading.Event(), []

    def ready(url: str) -> None:
        address.append(url)
        started.set()

    with Workspace.open(folder) as workspace:
        options = ServeOptions(models=(ServedChoice(f"{MODEL}@champion", MODEL),), port=0, poll_seconds=0.05)
        services = {"stores": workspace.stores, "registry": workspace.registry, "clock": workspace.clock}
        thread = threading.Thread(target=serve, args=(options,), kwargs={**services, "ready": ready, "stop": stop})
        thread.start()
        try:
            assert started.wait(30)
            yield address[0]
        finally:
            stop.set()
            thread.join(30)
