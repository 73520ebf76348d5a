"""`mw monitor list`: the monitors that the project file declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from datetime import timedelta

    import typer

    from millwright.automation.monitors import Declaration
    from millwright.workspace.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command to `mw monitor`."""
    app.command("list")(list_monitors)


def list_monitors(*, as_json: AsJson = False) -> None:
    """List declared monitors: what is watched how often, since when it is declared so, and what follows by itself."""
    from millwright.automation.monitors import DeclarationHistory
    from millwright.workspace.closed_loop import declarations

    workspace, out = start(as_json=as_json)
    with workspace:
        history = DeclarationHistory(stores=workspace.stores, clock=workspace.clock, actor=workspace.actor)
        declared, since = declarations(workspace.settings), history.since()
        shown = []
        for each in declared:
            known = since.get(each.name)
            noted = known is not None and known.digest == each.digest
            shown.append(
                {
                    **_document(each),
                    "action": _action(workspace, each.name),
                    "declared_at": known.at if known and noted else None,
                    "declared_by": known.by if known and noted else None,
                    "changes": known.changes if known else 0,
                    "last_report": _last_report(workspace, each),
                    "problem": _problem(workspace, each),
                }
            )
        if not shown:
            out.line("The project file declares no monitor.")
            out.line("Declare one in millwright.toml: [monitors.NAME] with endpoint = 'ENDPOINT'.")
            out.next("mw monitor check ENDPOINT")
        else:
            out.table(
                ["monitor", "endpoint", "every", "window", "declared as", "since", "by", "action", "last check"],
                [
                    [
                        row["name"], row["endpoint"], row["every"], row["window"], row["digest"][:12],
                        row["declared_at"] or "not checked yet", row["declared_by"], row["action"],
                        row["last_report"]["at"] if row["last_report"] else None,
                    ]
                    for row in shown
                ],
            )  # fmt: skip
            for row in shown:
                if row["problem"]:
                    out.warn(row["problem"])
            out.next("mw up" if any(row["declared_at"] is None for row in shown) else "mw alerts list")
        out.json(shown)


def _document(declared: Declaration) -> dict[str, Any]:
    parts = [words(declared.window)] if declared.window else []
    parts += [f"{declared.rows:,} rows"] if declared.rows else []
    parts += [f"version {declared.version}"] if declared.version else []
    return {
        "name": declared.name,
        "endpoint": declared.endpoint,
        "enabled": declared.enabled,
        "every": words(declared.every) if declared.enabled else "off",
        "window": ", ".join(parts) or "since the version began",
        "reference": declared.reference,
        "digest": str(declared.digest),
        "declared": dict(declared.content),
    }


def _action(workspace: Workspace, name: str) -> str:
    action = workspace.settings.monitors[name].action
    return action.pipeline if action is not None else "alerts only"


def _problem(workspace: Workspace, declared: Declaration) -> str | None:
    """Why nothing is watched by it, or nothing would follow from what it finds; None when neither is known."""
    from millwright.automation.monitors import failed_check
    from millwright.core.errors import closest
    from millwright.workspace.closed_loop import action_problem
    from millwright.workspace.monitor_columns import columns_problem

    columns = columns_problem(workspace, declared)
    if columns is not None:
        return str(columns)
    known = [each.name for each in workspace.stores.endpoints.list()]
    if declared.endpoint not in known:
        what = f"The monitor '{declared.name}' waits for the endpoint '{declared.endpoint}', which is not there yet."
        return f"{what} {closest(declared.endpoint, known)}".strip()
    failed = failed_check(workspace.stores.monitors, declared)
    if failed is not None:
        return failed.message
    lacking = action_problem(workspace, declared.name)
    return str(lacking) if lacking is not None else None


def _last_report(workspace: Workspace, declared: Declaration) -> dict[str, Any] | None:
    """The newest report that this monitor asked for; None when it was declared otherwise then."""
    for report in workspace.stores.monitors.list_reports(declared.endpoint, monitor=declared.name, limit=1):
        document = workspace.monitor.read_document(report) if report.document is not None else {}
        if document.get("monitor") == declared.asking:
            return {"id": report.id, "at": report.created_at, "rows": report.rows}
    return None


def words(duration: timedelta) -> str:
    """A duration as it is written in the project file: `10m`, `1.5h`, `7d`."""
    seconds = duration.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % (size / 2) == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
