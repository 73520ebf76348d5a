"""`mw data erase`: takes somebody's rows out of every version of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.files import stat_cache
from millwright.cli.option import AsJson, start
from millwright.cli.versions import workspace_root
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.data.versions.condition import RowCondition
    from millwright.data.versions.erasure import Erased, Found
    from millwright.data.versions.trace_place import OtherPlace
    from millwright.workspace.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command to `mw data`."""
    app.command("erase")(erase)


def erase(
    dataset: Annotated[str, typer.Argument(help="The dataset's name.")],
    *,
    key: Annotated[list[str] | None, typer.Option(help="column=value that the rows have; may be repeated.")] = None,
    where: Annotated[str, typer.Option(help="A condition in SQL, such as \"email = 'x@example.com'\".")] = "",
    reason: Annotated[str, typer.Option(help="Why; it is kept, so it must not name the person.")] = "",
    derived: Annotated[
        bool, typer.Option("--derived", help="Datasets made of this one, and its quarantine, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without this, it is only shown what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take somebody's rows out of every version of a dataset for good, and write down that it was done."""
    from millwright.data.versions.condition import RowCondition
    from millwright.data.versions.erasure import Erased
    from millwright.data.versions.sweep import Swept
    from millwright.data.versions.trace_place import derived_datasets, other_places
    from millwright.workspace.maintenance.exclusion import exclusively

    workspace, out = start(as_json=as_json)
    with workspace, exclusively(workspace.stores.leases, workspace.clock):  # a backup must find what its records name
        condition = RowCondition(values=_pairs(key or []), sql=where)
        # What was made of the rows is known from the versions that hold them: asked before they are gone.
        first = _find(workspace, dataset, condition)
        names = derived_datasets(workspace.stores, first) if derived else []
        searched, outcomes = [], []
        for name in [*names, dataset]:
            try:
                found = first if name == dataset else _find(workspace, name, condition)
            except InvalidInputError:  # it lacks the columns, which the list of other places says
                continue
            searched.append(name)
            only_found = Erased(found=found, record=None, swept=Swept())
            outcomes.append(_erased(workspace, name, condition, reason) if yes else only_found)
        places = other_places(workspace.stores, first, searched=searched)
        _show(out, outcomes, places, erased=yes)
        out.json({"erased": yes, "datasets": outcomes, "not_touched": places})


def _find(workspace: Workspace, dataset: str, condition: RowCondition) -> Found:
    from millwright.data.versions.erasure import find_rows

    return find_rows(workspace.stores, workspace_root(workspace), dataset, condition)


def _erased(workspace: Workspace, dataset: str, condition: RowCondition, reason: str) -> Erased:
    from millwright.data.versions.erasure import erase as take_out

    root = workspace_root(workspace)
    erased = take_out(
        workspace.stores, root, dataset, condition, reason=reason, clock=workspace.clock, actor=workspace.actor
    )
    stat_cache(workspace, dataset).unlink(missing_ok=True)  # which may name the files of somebody
    return erased


def _show(out: Output, outcomes: list[Erased], places: list[OtherPlace], *, erased: bool) -> None:
    rows = [
        [f"{outcome.found.dataset}@{version}", count]
        for outcome in outcomes
        for version, count in outcome.found.versions.items()
    ]
    if rows:
        out.table(["version", "rows erased" if erased else "rows to erase"], rows)
    for outcome in outcomes:
        if outcome.found.not_searched:
            lacking = ", ".join(f"{outcome.found.dataset}@{version}" for version in outcome.found.not_searched)
            out.warn(f"Not searched, as the columns are not there: {lacking}.")
    if places:
        out.table(["not touched", "name", "what to do"], [[place.kind, place.name, place.advice] for place in places])
    if not erased:
        out.line("Nothing was changed." if rows else "No version holds such rows; nothing was changed.")
        out.next("the same command with --yes and --reason TEXT (not naming the person)")
        return
    files = sum(outcome.swept.files for outcome in outcomes)
    total = sum(outcome.record is not None for outcome in outcomes)
    if rows:
        out.done(f"Erased from {len(rows)} versions of {total} datasets; {files:,} files were removed.")
    else:
        out.done(f"No version holds such rows; {files:,} files that nothing names were removed.")
    out.next("mw audit list", "mw data history " + outcomes[-1].found.dataset)


def _pairs(texts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name or name in found:
            # The text is not repeated: it may hold what shall be forgotten.
            raise InvalidInputError(
                "Expected --key column=value, each column once, found another form.",
                hint="For example: --key email=x@example.com",
            )
        found[name] = value
    return found
