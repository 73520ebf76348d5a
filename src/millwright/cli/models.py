"""`mw models`: the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.file import write_file
from millwright.cli.option import AsJson, start
from millwright.core.errors import NotFoundError

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Registered models: versions, aliases, approvals, cards.")

Selector = Annotated[str, typer.Argument(help="name, name@version or name@alias.")]


@app.command("list")
def list_models(*, as_json: AsJson = False) -> None:
    """List versions of every registered model, newest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        versions = workspace.stores.models.list_versions()
        aliases: dict[tuple[str, int], list[str]] = {}
        for alias in workspace.stores.models.list_aliases():
            aliases.setdefault((alias.name, alias.version), []).append(alias.alias)
        rows = [_row(version, aliases.get((version.name, version.version), [])) for version in versions]
        if rows:
            out.table(["version", "state", "aliases", "candidate", "main metric", "compiled", "registered"], rows)
            served = next((f"{name}@{found[0]}" for (name, _), found in aliases.items()), versions[0].ref)
            out.next(f"mw models show {versions[0].ref}", f"mw serve {served}")
        else:
            out.line("No model is registered in this workspace.")
            out.next("mw fit data.csv --target column", "mw demo")
        out.json([{"version": v, "aliases": aliases.get((v.name, v.version), [])} for v in versions])


def _row(version: ModelVersionRecord, aliases: list[str]) -> list[Any]:
    return [
        version.ref, version.state.value, ", ".join(aliases), version.params.get("candidate", version.flavor),
        _main_metric(version), version.compilation.get("status", "no"), version.created_at,
    ]  # fmt: skip


def _main_metric(version: ModelVersionRecord) -> str:
    for name in ("roc_auc", "balanced_accuracy", "rmse"):
        if name in version.metrics:
            return f"{name} {version.metrics[name]:.4f}"
    return ""


@app.command("show")
def show(model: Selector, *, as_json: AsJson = False) -> None:
    """Show one version: signature, metrics, gates, lineage, approvals."""
    from millwright.governance.why import explain_version

    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        explanation = explain_version(version.ref, stores=workspace.stores)
        for line in explanation.to_text():
            out.line(line)
        out.next(f"mw models card {version.ref}", f"mw serve {version.ref}", f"mw reproduce {version.ref}")
        out.json(explanation)


@app.command("promote")
def promote(
    model: Selector,
    *,
    alias: Annotated[str, typer.Option(help="The alias that moves.")] = "champion",
    reason: Annotated[str, typer.Option(help="Why; it is written into the audit log.")],
    as_json: AsJson = False,
) -> None:
    """Point an alias at a version; running servers follow within a second."""
    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        record = workspace.registry.promote(version.name, version.version, alias, reason=reason)
        out.done(f"{record.name}@{record.alias} is now version {record.version}.")
        out.next(f"mw serve {record.name}@{record.alias}", f"mw audit list --subject {version.ref}")
        out.json(record)


@app.command("approve")
def approve(
    model: Selector,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is written into the audit log.")],
    as_json: AsJson = False,
) -> None:
    """Approve a version that a gate rejected, or that waits for a person."""
    _decide(model, reason, as_json=as_json, approved=True)


@app.command("reject")
def reject(
    model: Selector,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is written into the audit log.")],
    as_json: AsJson = False,
) -> None:
    """Reject a version: it can't be promoted until someone approves it."""
    _decide(model, reason, as_json=as_json, approved=False)


def _decide(model: str, reason: str, *, as_json: bool, approved: bool) -> None:
    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        act = workspace.registry.approve if approved else workspace.registry.reject
        record = act(version.name, version.version, reason=reason)
        out.done(f"{version.ref} is {record.state.value}.")
        if approved:
            out.next(f'mw models promote {version.ref} --reason "…"')
        else:
            out.next(f"mw models show {version.ref}", "mw models list")
        out.json(record)


@app.command("card")
def card(
    model: Selector,
    *,
    html: Annotated[bool, typer.Option("--html", help="HTML instead of Markdown.")] = False,
    output: Annotated[str, typer.Option("--output", "-o", help="Write to this file instead of the terminal.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print (or write) the model card as of now: state, aliases and approvals included."""
    from millwright.governance.card.card import card_html, card_markdown

    name = "card.html" if html else "card.md"
    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        data = (card_html if html else card_markdown)(version, stores=workspace.stores).encode()
        if output:
            write_file(output, data)
            out.done(f"Model card of {version.ref} written to {output}.")
            out.next(f"mw models document {version.ref} report.html -o report.html")
        elif not as_json:
            typer.echo(data.decode())
        text = None if output else data.decode()
        out.json({"model": version.ref, "document": name, "written": output or None, "text": text})


@app.command("document")
def document(
    model: Selector,
    name: Annotated[str, typer.Argument(help="Such as evaluation.json, gates.json or report.html.")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="The file to write.")],
    as_json: AsJson = False,
) -> None:
    """Write one of a version's attached documents to a file."""
    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        data = _document(workspace, version, name)
        write_file(output, data)
        out.done(f"{name} of {version.ref} written to {output}.")
        out.json({"model": version.ref, "document": name, "written": output, "size_bytes": len(data)})


def _document(workspace: Workspace, version: ModelVersionRecord, name: str) -> bytes:
    digest = version.documents.get(name)
    if digest is None:
        known = ", ".join(sorted(version.documents)) or "none"
        raise NotFoundError(f"{version.ref} has no document '{name}'.", hint=f"It has: {known}.")
    return workspace.stores.artifacts.get(digest)
