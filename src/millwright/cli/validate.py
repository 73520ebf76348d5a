"""`mw data validate`: a table checked against a contract."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.file import read_table
from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.data.contracts.validation import Validation
    from millwright.workspace.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate")(validate)


def validate(
    source: Annotated[str, typer.Argument(help="A file, or a dataset as name or name@version.")],
    *,
    contract: Annotated[
        str, typer.Option(help="The contract: a YAML or Python file, or a published one as name or name@2.")
    ],
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Write the rows that break it to the dataset NAME.quarantine.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a table against a contract; a dataset version that holds a published one says so from then on."""
    from millwright.data.contracts.validation import validate as check
    from millwright.data.quarantine.checked import record_contract
    from millwright.data.quarantine.context import context_of

    workspace, out = start(as_json=as_json)
    with workspace:
        loaded, published = workspace.contracts.open(contract)
        record = _version(workspace, source)
        context = context_of(workspace.datasets, record, now=workspace.clock.now(), name=loaded.name)
        frame = workspace.datasets.get(source).read() if record else read_table(workspace, source)
        result = check(frame, loaded, context)
        ref = published.ref if published else None
        aside = _set_aside(workspace, result, record, ref or loaded.name) if quarantine else None
        # Before anything is printed: with --json, the error is the one document.
        result.refuse_if_too_many(loaded)
        out.line(
            f"{frame.height:,} rows: {result.valid.height:,} hold, {result.quarantined.height:,} break the contract."
        )
        found = sorted(result.findings, key=lambda one: -(one.rows or 0))
        recorded = record is not None and record_contract(workspace.stores.datasets, record, result, ref)
        if found:
            rows = [[one.rows if one.rows is not None else one.found, one.severity.value, one.reason] for one in found]
            out.table(["rows", "severity", "reason"], rows)
            if aside is None:
                out.next(f"edit {contract}, or correct the rows, and check again")
            else:
                out.done(f"The rows that break it are in {aside}.")
                out.next(f"mw data quarantine show {aside.rpartition('.quarantine')[0]}")
        elif Path(source).is_file():
            out.next(shlex.join(["mw", "data", "add", source]))
        for one in result.unjudged:
            out.warn(f"Not judged: {one}.")
        if recorded and record is not None:
            out.done(f"{record.ref} holds {ref}; its record says so.")
        out.json(
            {
                "rows": frame.height,
                "valid": result.valid.height,
                "reasons": result.reasons,
                "findings": [one.as_dict() for one in result.findings],
                "unjudged": [one.as_dict() for one in result.unjudged],
                "contract": ref,
                "recorded": recorded,
                "quarantine": aside,
            }
        )


def _set_aside(
    workspace: Workspace, result: Validation, record: DatasetVersionRecord | None, contract: str
) -> str | None:
    """The quarantine's version with the rows that break the contract; None when there are none."""
    from millwright.core.errors import InvalidInputError
    from millwright.data.quarantine.checked import set_rows_aside

    if record is None:
        raise InvalidInputError(
            "Expected a dataset with --quarantine, found a file.", hint="Add it first: mw data add FILE"
        )
    written = set_rows_aside(workspace.datasets, result, record, contract=contract)
    return written.record.ref if written else None


def _version(workspace: Workspace, source: str) -> DatasetVersionRecord | None:
    """The dataset version that a source names; None for a file or a URL, which `read_table` prefers."""
    from millwright.core.errors import InvalidInputError, NotFoundError

    if Path(source).is_file() or "://" in source:
        return None
    try:
        return workspace.datasets.get(source).record
    except (NotFoundError, InvalidInputError):
        return None
