"""`mw data contract`: what must hold for a table, inferred, published, compared, exported."""

from __future__ import annotations

import json
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.file import read_table, write_file
from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.contract import ContractRecord
    from millwright.data.contracts.change import Change
    from millwright.data.contracts.consumer import Consumers
    from millwright.data.contracts.contract import Contract

app = typer.Typer(no_args_is_help=True, help="Contracts: what must hold for a table.")

_Contract = Annotated[str, typer.Argument(help="A YAML or Python file, or a published contract as name or name@2.")]
_Output = Annotated[str, typer.Option("--output", "-o", help="Write here instead of the terminal.")]


class Format(StrEnum):
    """What a contract can be exported as."""

    JSON_SCHEMA = "json-schema"  # JSON Schema, draft 2020-12, of one row
    ODCS = "odcs"  # Open Data Contract Standard, version 3


@app.command("infer")
def infer(
    source: Annotated[str, typer.Argument(help="A file, or a dataset as name or name@version.")],
    *,
    output: _Output = "",
    as_json: AsJson = False,
) -> None:
    """Infer a contract from a table, for you to edit."""
    from millwright.data.contracts.file import dump_contract
    from millwright.data.contracts.inference import infer_contract

    workspace, out = start(as_json=as_json)
    with workspace:
        frame = read_table(workspace, source)
        text = dump_contract(infer_contract(frame, Path(source.partition("@")[0]).stem))
        if output:
            write_file(output, text.encode())
            out.done(f"Contract written to {output}; edit it, then:")
            out.next(shlex.join(["mw", "data", "validate", source, "--contract", output]))
        elif not as_json:
            typer.echo(text)
        out.json({"source": source, "written": output or None, "contract": text})


@app.command("publish")
def publish(
    contract: Annotated[str, typer.Argument(help="A YAML or Python file; its name is the dataset's.")],
    *,
    owner: Annotated[str, typer.Option(help="Who answers for the data; by default who did before.")] = "",
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="Publish although producers or consumers may break.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a file the next version of its contract; a breaking change names who consumes the dataset."""
    from millwright.data.contracts.file import load_contract, read_document

    workspace, out = start(as_json=as_json)
    with workspace:
        document = read_document(contract)
        before = {record.version for record in workspace.contracts.versions(load_contract(contract).name)}
        record = workspace.contracts.publish(document, owner=owner, allow_breaking=allow_breaking)
        if record.version in before:
            out.line(f"{record.ref} demands the same already.")
        else:
            out.done(f"{record.ref} is published{f', owned by {record.owner}' if record.owner else ''}.")
        for text in record.breaking:
            out.warn(text)
        out.next(f"mw data validate {record.name} --contract {record.ref}", f"mw data contract show {record.ref}")
        out.json(record)


@app.command("list")
def list_contracts(
    name: Annotated[str, typer.Argument(help="All versions of this contract; by default the latest of each.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List published contracts."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.contracts.versions(name) if name else workspace.contracts.list()
        if name and not records:
            workspace.contracts.get(name)
        rows = [[r.ref, r.owner, len(r.breaking), r.created_at, r.actor] for r in records]
        if rows:
            out.table(["contract", "owner", "breaking changes", "published", "by"], rows)
            out.next(f"mw data contract show {records[0].ref}")
        else:
            out.line("No contract is published in this workspace.")
            out.next("mw data contract infer FILE -o contract.yaml", "mw data contract publish contract.yaml")
        out.json(records)


@app.command("show")
def show(
    contract: Annotated[str, typer.Argument(help="A published contract as name or name@2.")], *, as_json: AsJson = False
) -> None:
    """Show a published contract: its document, what it broke, and who consumes the dataset."""
    from millwright.data.contracts.consumer import find_consumers

    workspace, out = start(as_json=as_json)
    with workspace:
        record = workspace.contracts.get(contract)
        consumers = find_consumers(workspace.stores, record.name)
        out.line((record.ref, "bold"), f"  owner {record.owner or 'nobody'}  digest {record.digest[:12]}")
        out.line(f"published by {record.actor}; consumed by {consumers}")
        out.items([f"broke {text}" for text in record.breaking])
        if not as_json:
            typer.echo(f"\n{record.document.rstrip()}\n")
        out.next(f"mw data validate {record.name} --contract {record.ref}")
        out.json({"record": record, "consumers": _as_dict(consumers)})


@app.command("diff")
def diff(
    before: Annotated[str, typer.Argument(help="The former contract: a file, or name@1.")],
    after: Annotated[str, typer.Argument(help="The new one: a file, or name@2.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what is different between two contracts, and for whom."""
    from millwright.data.contracts.change import compare_contracts

    workspace, out = start(as_json=as_json)
    with workspace:
        changes = compare_contracts(workspace.contracts.open(before)[0], workspace.contracts.open(after)[0])
        _show(out, changes, f"{before} and {after} demand the same.")
        out.json([_change(change) for change in changes])


@app.command("check-change")
def check_change(
    contract: Annotated[str, typer.Argument(help="A YAML or Python file with the contract as it should become.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what publishing a file would break, and for whom; exit code 1 when it would. For continuous integration."""
    from millwright.data.contracts.file import load_contract

    workspace, out = start(as_json=as_json)
    with workspace:
        compared = workspace.contracts.compare(load_contract(contract))
        former = compared.former.ref if compared.former else None
        _show(out, compared.changes, f"It demands what {former} does." if former else "It would be the first version.")
        if compared.breaking:
            out.warn(f"Consumers: {compared.consumers}")
            out.next(shlex.join(["mw", "data", "contract", "publish", contract, "--allow-breaking"]))
        else:
            out.next(shlex.join(["mw", "data", "contract", "publish", contract]))
        out.json(
            {
                "former": former,
                "breaking": bool(compared.breaking),
                "changes": [_change(change) for change in compared.changes],
                "consumers": _as_dict(compared.consumers),
            }
        )
        if compared.breaking:
            raise typer.Exit(1)


@app.command("export")
def export(
    contract: _Contract,
    *,
    to: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.ODCS,
    output: _Output = "",
    as_json: AsJson = False,
) -> None:
    """Write a contract as JSON Schema or as an Open Data Contract Standard file."""
    workspace, out = start(as_json=as_json)
    with workspace:
        text = _exported(*workspace.contracts.open(contract), to)
        if output:
            write_file(output, text.encode())
            out.done(f"Written to {output} as {to}.")
        elif not as_json:
            typer.echo(text)
        out.json({"contract": contract, "format": to.value, "written": output or None, "text": text})


@app.command("import")
def import_contract(
    file: Annotated[str, typer.Argument(help="An Open Data Contract Standard file, version 3, with one table.")],
    *,
    output: _Output = "",
    as_json: AsJson = False,
) -> None:
    """Make a contract from an Open Data Contract Standard file; what it says beyond that is named."""
    from millwright.data.contracts.file import dump_contract, read_document
    from millwright.data.contracts.odcs_import import from_odcs

    _, out = start(as_json=as_json)
    found = from_odcs(read_document(file), source=Path(file).name)
    text = dump_contract(found.contract)
    if output:
        write_file(output, text.encode())
        out.done(f"Contract written to {output}; edit it, then:")
        out.next(shlex.join(["mw", "data", "contract", "publish", output]))
    elif not as_json:
        typer.echo(text)
    for left in found.left_out:
        out.warn(f"left out: {left}")
    out.json({"contract": text, "written": output or None, "left_out": list(found.left_out)})


def _exported(contract: Contract, record: ContractRecord | None, to: Format) -> str:
    from millwright.data.contracts.json_schema import to_json_schema
    from millwright.data.contracts.odcs import to_odcs

    if to is Format.ODCS:
        return to_odcs(contract, record)
    return json.dumps(to_json_schema(contract), indent=2, ensure_ascii=False) + "\n"


def _show(out: Output, changes: tuple[Change, ...] | list[Change], otherwise: str) -> None:
    if changes:
        out.table(["breaks", "change"], [[change.affected.value, change.text] for change in changes])
    else:
        out.line(otherwise)


def _change(change: Change) -> dict[str, Any]:
    return {"affected": change.affected.value, "text": change.text, "breaking": change.is_breaking}


def _as_dict(consumers: Consumers) -> dict[str, list[str]]:
    return {name: list(getattr(consumers, name)) for name in ("features", "pipelines", "models", "datasets")}
