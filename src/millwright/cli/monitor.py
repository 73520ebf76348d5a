"""`mw monitor`, `mw labels` and `mw alerts`: how served models are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.file import write_file
from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import InvalidInputError, NotFoundError, closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.cli.console import Output
    from millwright.core.records.monitor import AlertRecord, MonitorReportRecord
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Drift and performance of endpoints.")
labels_app = typer.Typer(no_args_is_help=True, help="What really happened, told later.")
alerts_app = typer.Typer(no_args_is_help=True, help="Alerts, and the retrainings that answer them.")

Endpoint = Annotated[str, typer.Argument(help="The endpoint's name.")]


@app.command("check")
def check(
    endpoint: Endpoint,
    *,
    html: Annotated[str, typer.Option(help="Also write an HTML report here.")] = "",
    as_json: AsJson = False,
) -> None:
    """Compare what was predicted since the served version took over with its training reference."""
    workspace, out = start(as_json=as_json)
    with workspace:
        report = workspace.check_endpoint(endpoint)
        print_report(out, report)
        for note in workspace.monitor.read_document(report)["notes"]:
            out.warn(note)
        if html:
            from millwright.workspace.report import monitor_page

            write_file(html, monitor_page(report, workspace.monitor).encode())
            out.line(f"Report: {html}")
        alerts = [
            a for a in workspace.stores.monitors.list_alerts(endpoint, open_only=True) if a.report_id == report.id
        ]
        for alert in alerts:
            out.warn(f"{alert.severity.value}: {alert.message}")
        if alerts:
            out.next(*(f"mw alerts retrain {a.id[-8:]} --pipeline pipeline.py --param source=NEW.csv" for a in alerts))
        else:
            out.line("No alert was raised.")
            out.next(f"mw monitor reports {endpoint}")
        out.json({"report": report, "alerts": alerts})


def print_report(out: Output, report: MonitorReportRecord) -> None:
    """A table of columns by drift, and performance where labels are known."""
    from millwright.evaluation.wording import counted

    drifted = sum(column.drifted for column in report.drift)
    made = f"{counted(report.rows, 'prediction')} of {report.model}@{report.version}"
    out.line(f"{made}, {report.labelled_rows:,} with labels; {drifted} of {len(report.drift)} columns drifted.")
    ranked = sorted(report.drift, key=lambda column: -column.scores.get(column.statistic, 0.0))
    rows = [
        [c.column, c.kind, c.scores.get("psi"), c.scores.get("jensen_shannon"),
         c.scores.get("kolmogorov_smirnov", c.scores.get("chi_square")), c.p_value, c.drifted]
        for c in ranked
    ]  # fmt: skip
    out.table(["column", "kind", "PSI", "Jensen-Shannon", "KS or chi²", "p-value", "drifted"], rows)
    if report.performance:
        metrics = [[m, report.reference_performance.get(m), value] for m, value in report.performance.items()]
        out.table(["metric", "reference", "now"], metrics)


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
    as_json: AsJson = False,
) -> None:
    """Add labels to predictions; what was known already is replaced."""
    from millwright.evaluation.wording import counted

    workspace, out = start(as_json=as_json)
    with workspace:
        known = [record.name for record in workspace.stores.endpoints.list()]
        if endpoint not in known:
            hint = closest(endpoint, known) or "Serve a model first: mw serve NAME@champion"
            raise NotFoundError(f"There is no endpoint '{endpoint}'.", hint=hint)
        result = workspace.labels.add_file(endpoint, file)
        others = {"changed": result.changed, "known already": result.unchanged, "without a label": result.without_label}
        said = "".join(f", {count:,} {what}" for what, count in others.items() if count)
        out.done(f"{counted(result.added, 'label')} added to {endpoint}{said}.")
        if result.unknown:
            out.warn(f"Not made by {endpoint}: the predictions that {counted(result.unknown, 'row')} would label.")
        out.next(f"mw monitor check {endpoint}")
        out.json(result)


@alerts_app.command("list")
def list_alerts(
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only open ones.")] = False,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first."""
    from millwright.core.records.monitor import AlertState

    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.stores.monitors.list_alerts(open_only=open_only, limit=limit)
        rows = [[a.id[-8:], a.endpoint, a.kind, a.severity.value, a.state.value, a.created_at] for a in records]
        if records:
            out.table(["alert", "endpoint", "kind", "severity", "state", "raised"], rows)
            out.items([f"{record.id[-8:]}: {record.message}" for record in records])
            waiting = [record for record in records if record.state is not AlertState.RESOLVED]
            if waiting:
                out.next(f"mw alerts retrain {waiting[0].id[-8:]} --pipeline pipeline.py --param source=NEW.csv")
            else:
                out.next(f"mw monitor check {records[0].endpoint}")
        else:
            out.line(f"No {'open ' if open_only else ''}alert.")
            out.next("mw monitor check ENDPOINT")
        out.json(records)


@alerts_app.command("retrain")
def retrain(
    alert: Annotated[str, typer.Argument(help="The alert's id, or its last 8 digits.")],
    *,
    pipeline: Annotated[str, typer.Option(help="file.py, or file.py:name.")],
    param: Annotated[list[str] | None, typer.Option(help="name=value for the pipeline; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer an alert: run the pipeline, let the challenger meet the champion, write down the decision."""
    from millwright.cli.step_line import print_step
    from millwright.core.records.monitor import Outcome

    workspace, out = start(as_json=as_json)
    with workspace:
        found = _find_alert(workspace, alert)
        params = _pairs(param or ())
        decision = workspace.retrain(found, pipeline, params, on_step=lambda record: print_step(out, record))
        versions = f"challenger {decision.challenger}, champion before {decision.champion}"
        out.line("Decision: ", (decision.outcome.value, "bold"), f" ({versions}).")
        out.items(decision.reasons)
        failed = decision.outcome is Outcome.FAILED
        again = f"mw alerts retrain {found.id[-8:]} --pipeline {pipeline}"
        shown = [f"mw models show {decision.challenger}"] if decision.challenger else []
        out.next(*(["mw runs list", again] if failed else [*shown, "mw models list"]))
        out.json(decision)
        if failed:
            raise typer.Exit(1)


def _find_alert(workspace: Workspace, named: str) -> AlertRecord:
    alerts = workspace.stores.monitors.list_alerts(limit=1000)
    found = next((record for record in alerts if named and record.id.endswith(named)), None)
    if found is None:
        raise NotFoundError(f"There is no alert '{named}'.", hint="See: mw alerts list")
    return found


def _pairs(words: Sequence[str]) -> dict[str, str]:
    params = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise InvalidInputError(f"Expected name=value, found '{word}'.", hint="Such as: --param source=new.csv")
        params[name] = value
    return params
