"""`mw monitor` and `mw labels`: how served models are doing."""

from __future__ import annotations

from typing import Annotated

import typer

from millwright.cli.monitor_option import OfMonitor
from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import NotFoundError, closest

app = typer.Typer(no_args_is_help=True, help="Drift and performance of endpoints.")
labels_app = typer.Typer(no_args_is_help=True, help="What really happened, told later.")


@app.command("reports")
def reports(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name; all when left out.")] = "",
    *,
    monitor: OfMonitor = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List reports, newest first."""
    from millwright.monitoring.alerting import require_endpoint

    workspace, out = start(as_json=as_json)
    with workspace:
        if endpoint:
            require_endpoint(workspace.stores, endpoint)
        records = workspace.stores.monitors.list_reports(endpoint or None, monitor=monitor or None, limit=limit)
        rows = [
            [r.id[-8:], r.endpoint, r.monitor or None, r.version, r.rows, r.labelled_rows,
             sum(c.drifted for c in r.drift), r.created_at]
            for r in records
        ]  # fmt: skip
        if records:
            out.table(["report", "endpoint", "monitor", "version", "rows", "labelled", "drifted", "created"], rows)
        else:
            by = f" by the monitor '{monitor}'" if monitor else ""
            out.line(f"Nothing has been checked{f' at {endpoint}' if endpoint else ''}{by}.")
        out.next(f"mw monitor show {records[0].id[-8:]}" if records else "mw monitor check ENDPOINT")
        out.json(records)


@labels_app.command("add")
def add_labels(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name.")],
    file: Annotated[str, typer.Argument(help="A CSV with prediction_id (or key), label and, if known, observed_at.")],
    *,
    within: Annotated[
        str, typer.Option(help="A key's label counts for predictions at most this long before it, such as 30d.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Add labels to predictions; what was known already is replaced."""
    from datetime import timedelta

    from millwright.evaluation.wording import counted
    from millwright.pipelines.annotations import parse_duration

    workspace, out = start(as_json=as_json)
    with workspace:
        known = [record.name for record in workspace.stores.endpoints.list()]
        if endpoint not in known:
            hint = closest(endpoint, known) or "Serve a model first: mw serve NAME@champion"
            raise NotFoundError(f"There is no endpoint '{endpoint}'.", hint=hint)
        tolerance = timedelta(seconds=parse_duration(within, what="--within")) if within else None
        result = workspace.labels.add_file(endpoint, file, within=tolerance)
        others = {"changed": result.changed, "known already": result.unchanged, "without a label": result.without_label}
        said = "".join(f", {count:,} {what}" for what, count in others.items() if count)
        out.done(f"{counted(result.added, 'label')} added to {endpoint}{said}.")
        if result.unknown:
            out.warn(f"Not made by {endpoint}: the predictions that {counted(result.unknown, 'row')} would label.")
        out.next(f"mw monitor check {endpoint}")
        out.json(result)
