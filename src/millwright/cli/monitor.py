"""`mw monitor` and `mw labels`: how served models are doing."""

from __future__ import annotations

from typing import Annotated

import typer

from millwright.cli.monitor_alerts import found_alerts, print_alerts
from millwright.cli.monitor_report import (
    Endpoint,
    Html,
    Last,
    Since,
    Until,
    Version,
    print_report,
    print_sections,
    read_window,
    write_page,
)
from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import NotFoundError, closest

app = typer.Typer(no_args_is_help=True, help="Drift and performance of endpoints.")
labels_app = typer.Typer(no_args_is_help=True, help="What really happened, told later.")


@app.command("check")
def check(
    endpoint: Endpoint,
    *,
    since: Since = "",
    until: Until = "",
    last: Last = None,
    version: Version = None,
    html: Html = "",
    as_json: AsJson = False,
) -> None:
    """Compare what was predicted since the served version took over with its training reference."""
    workspace, out = start(as_json=as_json)
    with workspace:
        report = workspace.check_endpoint(endpoint, read_window(since, until, last, version))
        print_report(out, report)
        document = workspace.monitor.read_document(report)
        print_sections(out, document)
        for note in document["notes"]:
            out.warn(note)
        if html:
            write_page(out, html, workspace, report, document)
        alerts = found_alerts(workspace, report)
        print_alerts(out, alerts, report, document)
        out.json({"report": report, "alerts": alerts, "estimated": document["estimated"], "document": document})


@app.command("reports")
def reports(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name; all when left out.")] = "",
    *,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List reports, newest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.stores.monitors.list_reports(endpoint or None, limit=limit)
        rows = [
            [r.id[-8:], r.endpoint, r.version, r.rows, r.labelled_rows, sum(c.drifted for c in r.drift), r.created_at]
            for r in records
        ]
        if records:
            out.table(["report", "endpoint", "version", "rows", "labelled", "drifted", "created"], rows)
        else:
            out.line(f"Nothing has been checked{f' at {endpoint}' if endpoint else ''}.")
        out.next("mw monitor check ENDPOINT" if not records else "mw alerts list")
        out.json(records)


@labels_app.command("add")
def add_labels(
    endpoint: Endpoint,
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
