"""`mw data tag`, `history`, `diff`, `vacuum` and `lineage`: what is done with versions once they are there."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import COLUMNS, AsJson, column_names, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.cli.console import Output
    from millwright.data.versions.diff import TableDiff
    from millwright.data.versions.distribution import ColumnShift
    from millwright.data.versions.retention import RetentionRule, Vacuumed
    from millwright.data.versions.row_diff import RowChanges
    from millwright.workspace.workspace import Workspace

_SHIFTS = 12


def register(app: typer.Typer) -> None:
    """Add the commands to `mw data`."""
    app.command("tag")(tag)
    app.command("history")(history)
    app.command("diff")(diff)
    app.command("vacuum")(vacuum)
    app.command("lineage")(lineage)


def tag(
    dataset: Annotated[str, typer.Argument(help="The version: name@3, or name for the latest.")],
    name: Annotated[str, typer.Argument(metavar="TAG", help="The tag, such as golden; no number and no date.")],
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Take the tag away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give a version a name that can stand behind the @; a tag that another version has moves."""
    from millwright.data.versions.tag import delete_tag, set_tag

    workspace, out = start(as_json=as_json)
    with workspace:
        change = delete_tag if delete else set_tag
        record = change(workspace.stores, dataset, name, clock=workspace.clock, actor=workspace.actor)
        ref = f"{record.dataset}@{record.version}"
        if delete:
            out.done(f"{ref} is no longer tagged {name}.")
            out.next(f"mw data history {record.dataset}")
        else:
            out.done(f"{ref} is tagged {name}.")
            out.next(f"mw data show {record.dataset}@{name}", f"mw data history {record.dataset}")
        out.json({"deleted": delete, "tag": record})


def history(
    dataset: Annotated[str, typer.Argument(help="The dataset's name.")],
    *,
    as_json: AsJson = False,
) -> None:
    """List the versions of a dataset: what made them, who, when, their tags, and whether their rows are there."""
    from millwright.data.versions.tag import history as versions_of

    workspace, out = start(as_json=as_json)
    with workspace:
        entries = versions_of(workspace.stores, dataset)
        rows = [
            [
                entry.record.ref, entry.record.operation.value, entry.record.rows, _counts(entry.record.details),
                entry.record.created_at, entry.actor, ", ".join(entry.tags), entry.record.state.value,
            ]
            for entry in entries
        ]  # fmt: skip
        out.table(["version", "operation", "rows", "changed", "created", "by", "tags", "state"], rows)
        readable = [entry.record for entry in entries if entry.record.state.value == "available"]
        if len(readable) > 1:
            out.next(f"mw data diff {readable[1].ref} {readable[0].ref}")
        else:
            out.next(f"mw data show {readable[0].ref}")
        out.json(entries)


def _counts(details: Mapping[str, Any]) -> str:
    signs = {"added": "+", "updated": "~", "removed": "-"}
    said = [f"{sign}{details[name]:,}" for name, sign in signs.items() if details.get(name)]
    erased = sum(entry["rows"] for entry in details.get("erased", ()))
    return " ".join([*said, *([f"{erased:,} erased"] if erased else [])])


def diff(
    before: Annotated[str, typer.Argument(help="A version: name@1, name@tag, name@2026-01-31.")],
    after: Annotated[str, typer.Argument(help="Another, of the same dataset or of another one.")],
    *,
    key: Annotated[list[str] | None, typer.Option(help=f"The columns that tell rows apart{COLUMNS}")] = None,
    examples: Annotated[int, typer.Option(min=0, max=1000, help="Rows of each kind to show.")] = 3,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show suspected personal data, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two versions: columns, rows that were added, removed and changed, and how far the values moved."""
    from millwright.data.versions.diff import diff as compare

    workspace, out = start(as_json=as_json)
    with workspace:
        columns = column_names(key)
        pair = workspace.datasets.get(before), workspace.datasets.get(after)
        found = compare(*pair, key=columns, examples=examples, reveal=reveal)
        _show_diff(out, found)
        if not found.identical and not columns:
            suffix = shlex.join(["mw", "data", "diff", before, after, "--key"])
            out.next(f"{suffix} COLUMN,… (to match rows by a key)")
        out.json(found)


def _show_diff(out: Output, found: TableDiff) -> None:
    if found.identical or found.changes is None:
        out.done(f"{found.before} and {found.after} hold the same {found.rows[0]:,} rows.")
        return
    out.line((f"{found.before} → {found.after}", "bold"), f"  {found.rows[0]:,} → {found.rows[1]:,} rows")
    columns = [["added", name, "", dtype] for name, dtype in found.added_columns]
    columns += [["removed", name, dtype, ""] for name, dtype in found.removed_columns]
    columns += [["retyped (values not compared)", each.column, each.before, each.after] for each in found.retyped]
    if columns:
        out.table(["columns", "name", "before", "after"], columns)
    _show_rows(out, found.changes)
    if found.hidden:
        out.warn(f"Suspected personal data, values hidden: {', '.join(found.hidden)}. --reveal shows them.")
    shifts = [shift for shift in found.shifts if _moved(shift)][:_SHIFTS]
    if shifts:
        rows = [[s.column, s.kind, s.size, s.psi, s.total_variation, s.mean_shift, _missing(s)] for s in shifts]
        head = ["values", "kind", "moved", "PSI", "total variation", "mean shift (SD)", "missing"]
        out.table(head, rows)
    still = len(found.shifts) - len(shifts)
    if still:
        out.line(f"The values of {still} {'column' if still == 1 else 'columns'} did not move, or hardly.")


def _show_rows(out: Output, changes: RowChanges) -> None:
    how = f"by {', '.join(changes.key)}" if changes.key else "as whole rows"
    out.line(
        f"Rows {how}: {changes.added:,} added, {changes.removed:,} removed"
        + (f", {changes.changed:,} changed." if changes.key else ".")
    )
    if changes.by_column:
        out.table(["changed column", "rows"], [[name, count] for name, count in changes.by_column.items()])
    rows = [[e.change, _said(e.key), _said(e.before), _said(e.after)] for e in changes.examples]
    if rows:
        out.table(["example", "key", "before", "after"], rows)


def _said(values: Mapping[str, Any]) -> str:
    said = [f"{name}={'-' if value is None else value}" for name, value in list(values.items())[:6]]
    return ", ".join(text if len(text) <= 40 else f"{text[:39]}…" for text in said) + (", …" if len(values) > 6 else "")


def _moved(shift: ColumnShift) -> bool:
    far = max(shift.psi or 0.0, abs(shift.mean_shift or 0.0), abs(shift.missing[1] - shift.missing[0]))
    return shift.size != "none" or far >= 0.01


def _missing(shift: ColumnShift) -> str:
    one, other = (f"{100 * share:.3g} %" for share in shift.missing)
    return one if one == other else f"{one} → {other}"


def vacuum(
    dataset: Annotated[str, typer.Argument(help="The dataset's name; all datasets by default.")] = "",
    *,
    keep: Annotated[
        int | None,
        typer.Option(min=0, help="Keep the newest so many; the setting retention.keep_versions by default."),
    ] = None,
    keep_days: Annotated[
        float | None,
        typer.Option(min=0, help="Keep what is younger than so many days; retention.keep_days by default."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the rows of old versions; never the latest, tagged ones, or what a model or feature was made of."""
    from millwright.data.versions.retention import RetentionRule
    from millwright.data.versions.retention import vacuum as clean
    from millwright.workspace.maintenance.exclusion import exclusively

    workspace, out = start(as_json=as_json)
    with workspace:
        settings = workspace.settings.retention
        rule = RetentionRule(
            versions=settings.keep_versions if keep is None else keep,
            days=settings.keep_days if keep_days is None else keep_days,
        )
        root = workspace_root(workspace)
        names = [dataset] if dataset else [each.dataset for each in workspace.stores.datasets.list_datasets()]
        stores, clock, actor = workspace.stores, workspace.clock, workspace.actor
        with exclusively(stores.leases, clock):  # a backup must find what its records name
            done = [clean(stores, root, name, rule, clock=clock, actor=actor, dry_run=dry_run) for name in names]
        _show_vacuum(out, done, rule, dry_run=dry_run, words=_vacuum_words(dataset, keep, keep_days))
        out.json({"dry_run": dry_run, "datasets": done})


def _vacuum_words(dataset: str, keep: int | None, keep_days: float | None) -> str:
    words = ["mw", "data", "vacuum", *([dataset] if dataset else [])]
    words += [] if keep is None else ["--keep", str(keep)]
    words += [] if keep_days is None else ["--keep-days", f"{keep_days:g}"]
    return shlex.join(words)


def _show_vacuum(out: Output, done: list[Vacuumed], rule: RetentionRule, *, dry_run: bool, words: str) -> None:
    rows = []
    for each in done:
        going = "would expire" if dry_run else "expired"
        rows += [[f"{each.dataset}@{version}", going, "old, and nothing was made of it"] for version in each.expired]
        rows += [[f"{each.dataset}@{version}", "stays", reason] for version, reason in each.kept.items()]
    expired = sum(len(each.expired) for each in done)
    files, size = sum(each.swept.files for each in done), sum(each.swept.size_bytes for each in done)
    has_rule = bool(rule.versions or rule.days)
    if expired or (has_rule and len(done) == 1):  # of one dataset it is said why all stay, too
        out.table(["version", "", "why"], rows)
    if not has_rule and not expired:
        out.line("Every version is kept: say how many, or for how long, with --keep and --keep-days.")
        one = [each.dataset for each in done] if len(done) == 1 else []
        out.next(shlex.join(["mw", "data", "vacuum", *one, "--keep", "10", "--keep-days", "30", "--dry-run"]))
    said = f"{expired:,} {'version' if expired == 1 else 'versions'}, {files:,} files ({size:,} bytes)"
    if dry_run:
        out.line(f"Would remove {said}.")
        if expired or files:
            out.next(words)
    else:
        out.done(f"Removed {said}.")


def lineage(
    dataset: Annotated[str, typer.Argument(help="A version: name, name@3, name@tag.")],
    *,
    files: Annotated[bool, typer.Option("--files", help="The version's own Parquet files, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a version came from: runs, code, other versions, sources; and its columns where that is known."""
    from millwright.core.records.dataset import DatasetState
    from millwright.data.lineage.tree import origins_of
    from millwright.data.versions.usage import derived_from, models_of

    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.datasets.get(dataset)
        ref = found.record.ref
        tree = origins_of(workspace.stores, ref)
        for text in tree.lines():
            out.line(text)
        made = {"datasets": derived_from(workspace.stores, ref), "models": models_of(workspace.stores, ref)}
        for what, names in made.items():
            if names:
                out.line(f"made of it: {what} {', '.join(names)}")
        readable = found.record.state is DatasetState.AVAILABLE
        paths = found.files() if readable and (files or as_json) else []
        if files:
            out.items(paths)
        out.next(f"mw data history {found.record.dataset}")
        out.json({"origins": tree, "made": made, "files": paths})


def workspace_root(workspace: Workspace) -> str:
    """The folder or URL below which the workspace's tables are."""
    from millwright.workspace.location import store_urls

    return store_urls(workspace.folder, workspace.settings).datasets
