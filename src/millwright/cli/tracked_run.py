"""One tracked run, as `mw runs show` prints it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from millwright.core.ids import ExperimentId

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.file import FileRecord
    from millwright.core.records.run import RunRecord
    from millwright.core.records.run_input import RunLinks
    from millwright.workspace.workspace import Workspace

_HIDDEN = ("mlflow.", "millwright.")  # what tags begin with that clients set by themselves
_PROXY = "mlflow-artifacts:"
_CONTEXT = "mlflow.data.context"


def show_tracked_run(workspace: Workspace, out: Output, run: RunRecord) -> None:
    """Print everything that is known of a run; metrics by their latest values, artifacts by the top of their tree."""
    experiment = workspace.stores.experiments.get(ExperimentId(run.experiment_id))
    links = workspace.tracker.links([run])[run.id]
    files = _files(workspace, run)
    out.line((run.name, "bold"), f"  {run.status.value}  tracked run {run.id}")
    out.line(f"experiment {experiment.name}; {_times(run)}{f' by {run.user}' if run.user else ''}")
    if run.deleted_at is not None:
        out.line((f"deleted {run.deleted_at:%Y-%m-%d %H:%M:%S} UTC", "red"))
    tags = {key: value for key, value in run.tags.items() if not key.startswith(_HIDDEN)}
    steps = {key: point.step for key, point in run.latest.items()}
    for title, columns, rows in (
        ("Parameters", ["parameter", "value"], [list(each) for each in sorted(run.params.items())]),
        ("Metrics", ["metric", "latest", "step"], [[k, v, steps.get(k)] for k, v in sorted(run.metrics.items())]),
        ("Tags", ["tag", "value"], [list(each) for each in sorted(tags.items())]),
        ("Inputs and models", ["what", "name", "for"], _linked(links)),
        (
            "Artifacts",
            ["file", "bytes"],
            [[_name(each), None if each.is_folder else each.size_bytes] for each in files],
        ),
    ):
        if rows:
            out.table(columns, rows, title=title)
    if not run.artifact_uri.startswith(_PROXY) and run.artifact_uri:
        out.line(f"Artifacts are at {run.artifact_uri}")
    parent = [f"mw runs show {run.parent_id}"] if run.parent_id else []
    out.next(*parent, shlex.join(["mw", "runs", "search", "--experiment", experiment.name]))
    artifacts = [
        {"path": _name(each).rstrip("/"), "is_folder": each.is_folder, "size_bytes": each.size_bytes} for each in files
    ]
    out.json({"run": run, "experiment": experiment.name, "links": links, "artifacts": artifacts})


def _times(run: RunRecord) -> str:
    begun = f"started {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
    if run.ended_at is None:
        return begun
    return f"{begun}, ended {run.ended_at:%Y-%m-%d %H:%M:%S} UTC"


def _linked(links: RunLinks) -> list[list[object]]:
    rows: list[list[object]] = [["dataset", f"{d.name} {d.digest}", d.tags.get(_CONTEXT)] for d in links.datasets]
    rows += [["model read", model.model_id, None] for model in links.models]
    return rows + [["model made", model.model_id, f"step {model.step}"] for model in links.outputs]


def _files(workspace: Workspace, run: RunRecord) -> list[FileRecord]:
    if run.artifact_uri and not run.artifact_uri.startswith(_PROXY):
        return []
    from millwright.tracking.store_sink import artifact_root

    return workspace.stores.files.list(artifact_root(run))


def _name(file: FileRecord) -> str:
    return file.path.rpartition("/")[2] + ("/" if file.is_folder else "")
