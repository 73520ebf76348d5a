"""`mw models`: the registry."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli import model_file, model_folder
from millwright.cli.file import write_file
from millwright.cli.option import AsJson, start
from millwright.core.errors import MillwrightError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.cli.console import Output
    from millwright.core.records.model import ModelVersionRecord
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Registered models: versions, aliases, approvals, cards.")

model_file.register(app)
model_folder.register(app)

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
            out.next(_on(versions[0].ref, "models", "show"), *_serve_next(versions, aliases))
        else:
            out.line("No model is registered in this workspace.")
            out.next("mw fit data.csv --target column", "mw demo")
        out.json([{"version": v, "aliases": aliases.get((v.name, v.version), [])} for v in versions])


def _serve_next(versions: list[ModelVersionRecord], aliases: Mapping[tuple[str, int], list[str]]) -> list[str]:
    """How to serve one: under an alias if it has any; only those that have a package of ours can be."""
    packed = [version for version in versions if version.package is not None]
    # Clients of MLflow's wire may call an alias 12, which a selector would take for a version.
    named = [f"{v.name}@{a}" for v in packed for a in aliases.get((v.name, v.version), []) if not a.isdecimal()]
    return [_on(selector, "serve") for selector in (named or [version.ref for version in packed])[:1]]


def _on(selector: str, *words: str) -> str:
    """A command on a model, as a shell takes it; clients of MLflow's wire may put any character into a name."""
    return shlex.join(["mw", *words, *(["--"] if selector.startswith("-") else []), selector])


def _row(version: ModelVersionRecord, aliases: list[str]) -> list[Any]:
    kind = version.params.get("candidate") or version.flavor or version.source
    return [
        version.ref, version.state.value, ", ".join(aliases), kind,
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
        if version.signature:
            _show_signature(out, version.signature)
        acts = ["models card", "serve", "reproduce"] if version.package is not None else ["models card"]
        out.next(*(_on(version.ref, *act.split()) for act in acts))
        out.json(explanation)


def _show_signature(out: Output, recorded: Mapping[str, Any]) -> None:
    from millwright.governance.card.wording import column_facts
    from millwright.models.signature import Signature

    try:
        signature = Signature.from_json(recorded)
    except MillwrightError as error:  # of a version that was registered without a package, by another program
        out.line(f"Signature: {error.message}")
        return
    out.line("Signature")
    out.table(["column", "type", "required", "seen in training"], column_facts(signature))
    out.line(f"  answers {', '.join(column.name for column in signature.outputs)}")


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
        missing = workspace.registry.objections(record) if approved else []
        out.done(f"{version.ref} is {record.state.value}.")
        for objection in missing:
            out.line(f"Still missing before it may be promoted: {objection}")
        if approved and missing:
            out.next(f'mw models approve {version.ref} --reason "…"', f"mw models show {version.ref}")
        elif approved:
            out.next(f'mw models promote {version.ref} --reason "…"')
        else:
            out.next(f"mw models show {version.ref}", "mw models list")
        out.json(record)


@app.command("compare")
def compare(first: Selector, second: Selector, *, as_json: AsJson = False) -> None:
    """Compare two versions: parameters, metrics, data, features, code, predictions on recorded rows."""
    from millwright.governance.comparison import compare_versions

    workspace, out = start(as_json=as_json)
    with workspace:
        versions = (workspace.registry.resolve(first), workspace.registry.resolve(second))
        found = compare_versions(*versions, stores=workspace.stores)
        for line in found.to_text():
            out.line(line)
        out.next(f'mw models promote {versions[1].ref} --reason "…"', f"mw models show {versions[1].ref}")
        out.json(found)


@app.command("history")
def history(
    name: Annotated[str, typer.Argument(help="The model; one that was deleted or renamed has a history, too.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell who did what to a model and its versions, when and why, newest first."""
    from millwright.governance.history import model_history

    workspace, out = start(as_json=as_json)
    with workspace:
        entries = model_history(name, stores=workspace.stores)
        if not entries:
            workspace.registry.resolve(name)  # says what there is
        rows = [[each.at, each.actor, each.action, each.subject, each.details.get("reason", "")] for each in entries]
        out.table(["when", "who", "what", "on", "why"], rows)
        out.next(f"mw models show {name}", "mw audit verify")
        out.json(entries)


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
