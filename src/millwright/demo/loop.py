"""`mw demo`, whole: folder, data, scenario, report."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.demo.page import write_page
from millwright.demo.programme.generator import generate
from millwright.demo.project import CONSTRUCTION_SCHEDULE, PROGRAMME, prepare_folder
from millwright.demo.scenario import Findings, Scenario
from millwright.demo.stage import Stage, Stages
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.progress import Progress
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.demo.project import DemoProject


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoRequest:
    """What the user asked for.

    Attributes:
        folder: Where everything goes.
        first: First snapshot's file; empty: generated.
        second: Second snapshot's file; empty: generated.
        seed: Of the generated programme.
    """

    folder: Path
    first: str = ""
    second: str = ""
    seed: int = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoResult:
    """What came of it.

    Attributes:
        page: The HTML report.
        seconds: Wall time in all.
        peak_mb: Highest memory of the largest process, in MB.
    """

    stages: tuple[Stage, ...]
    findings: Findings
    page: Path
    seconds: float
    peak_mb: float


def run_demo(
    request: DemoRequest,
    *,
    progress: Progress,
    on_stage: Callable[[Stage], None],
    on_step: Callable[[StepRunRecord], None],
) -> DemoResult:
    """Go once around the loop in a folder of its own.

    Raises:
        InvalidInputError: One snapshot without the other, files of no known project or in the folder, a folder in use.
    """
    started = time.perf_counter()
    stages = Stages(on_change=on_stage)
    project = _project(request)
    folder = request.folder.resolve()
    _refuse_sources_inside(folder, request)
    prepare_folder(folder)
    project.copy(folder)
    sources = _sources(request, folder, stages)
    with Workspace.open(folder, progress=progress) as workspace:
        scenario = Scenario(workspace, project, sources, stages=stages, on_step=on_step)
        findings = scenario.run()
        page = write_page(workspace, findings, stages.done)
    return DemoResult(
        stages=tuple(stages.done),
        findings=findings,
        page=page,
        seconds=time.perf_counter() - started,
        peak_mb=_peak_mb(),
    )


def _project(request: DemoRequest) -> DemoProject:
    from millwright.data.contracts.file import load_contract
    from millwright.data.sources.source import read_source

    if bool(request.first) != bool(request.second):
        raise InvalidInputError("Two snapshots are needed.", hint="Give both --first and --second, or neither.")
    if not request.first:
        return PROGRAMME
    tables = [set(read_source(path).frame.columns) for path in (request.first, request.second)]
    for project in (CONSTRUCTION_SCHEDULE, PROGRAMME):
        contract = load_contract(str(project.files() / "contract.yaml"))
        needed = {column.name for column in contract.columns if column.required}
        if all(needed <= columns for columns in tables):
            return project
    raise InvalidInputError(
        "The demonstration knows two kinds of tables, and these files are neither.",
        hint="For your own data: mw fit FILE --target COLUMN, or mw init.",
    )


def _refuse_sources_inside(folder: Path, request: DemoRequest) -> None:
    """The folder of an earlier demonstration is emptied: what the user named must not go with it."""
    for source in (request.first, request.second):
        if source and Path(source).resolve().is_relative_to(folder):
            raise InvalidInputError(
                f"The snapshot {source} lies in {folder}, which the demonstration empties first.",
                hint="Name another folder with --folder, or copy the snapshots elsewhere.",
            )


def _sources(request: DemoRequest, folder: Path, stages: Stages) -> tuple[str, str]:
    if request.first:
        return str(Path(request.first).resolve()), str(Path(request.second).resolve())
    with stages.stage("generate") as stage:
        paths = []
        for period, month in ((1, "2025-01"), (2, "2026-07")):
            path = folder / f"programme_{month}.csv"
            generate(request.seed, period=1 if period == 1 else 2).write_csv(path)
            paths.append(str(path))
        stage.what = f"a construction programme, two snapshots: {', '.join(Path(p).name for p in paths)}"
    return paths[0], paths[1]


def _peak_mb() -> float:
    # ru_maxrss is in KiB on Linux and in bytes on macOS.
    unit = 1024 if sys.platform != "darwin" else 1
    used = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(used) * unit / 1e6
