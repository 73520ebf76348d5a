"""`mw features`: definitions of features, their catalogue, and training sets."""

from __future__ import annotations

import io
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.file import read_table, write_file
from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError, MillwrightError

if TYPE_CHECKING:
    import polars as pl

    from millwright.cli.console import Output
    from millwright.core.records.feature import FeatureDefinitionRecord
    from millwright.data.features.applying import DefinitionChange
    from millwright.data.features.catalog import FeatureCatalog

app = typer.Typer(no_args_is_help=True, help="Features: definitions, catalogue, point-in-time training sets.")

Name = Annotated[str, typer.Argument(help="A view, service or entity by its name, or as kind/name.")]
Kind = Annotated[str, typer.Option(help="Only entity, view, stream_view, on_demand_view or service.")]
Retired = Annotated[bool, typer.Option("--retired", help="Retired ones, too.")]


@app.command("apply")
def apply(
    file: Annotated[str, typer.Argument(help="A Python file that defines entities, views and services.")],
    *,
    prune: Annotated[bool, typer.Option("--prune", help="Retire recorded ones that are not in the file.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    leak_check: Annotated[
        bool, typer.Option("--leak-check/--no-leak-check", help="Try on the past whether transformations look ahead.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Record the definitions of a file; those that are recorded already make no new version."""
    from millwright.workspace.feature_file import apply_file

    workspace, out = start(as_json=as_json)
    with workspace:
        changes = apply_file(workspace.features, file, prune=prune, dry_run=dry_run, check_leaks=leak_check)
        _show_changes(out, changes, file, dry_run=dry_run)
        out.json([{"change": change.kind, "record": change.record} for change in changes])


def _show_changes(out: Output, changes: list[DefinitionChange], file: str, *, dry_run: bool) -> None:
    from millwright.data.features.applying import ChangeKind

    out.table(
        ["what", "kind", "definition"],
        [[change.kind.value, change.record.kind.value.replace("_", " "), change.record.ref] for change in changes],
    )
    moved = [one for one in changes if one.kind not in {ChangeKind.UNCHANGED, ChangeKind.ABSENT}]
    absent = [one for one in changes if one.kind is ChangeKind.ABSENT]
    quoted = shlex.quote(file)
    if absent:
        out.warn(f"{len(absent)} of those recorded are not in {file} any more; they stay.")
    if dry_run:
        out.done(f"{len(moved)} of {len(changes)} would be recorded; nothing was.")
        out.next(f"mw features apply {quoted}")
        return
    out.done(f"{len(moved)} of {len(changes)} recorded.")
    if absent:
        out.next(f"mw features apply {quoted} --prune")
    out.next("mw features list")


@app.command("list")
def list_features(*, kind: Kind = "", retired: Retired = False, as_json: AsJson = False) -> None:
    """List the latest version of each definition."""
    _list("", kind=kind, retired=retired, as_json=as_json)


@app.command("search")
def search(
    text: Annotated[str, typer.Argument(help="Words, all of which have to be found.")],
    *,
    kind: Kind = "",
    retired: Retired = False,
    as_json: AsJson = False,
) -> None:
    """Find definitions by words in names, features, descriptions, owners, tags and sources."""
    _list(text, kind=kind, retired=retired, as_json=as_json)


def _list(text: str, *, kind: str, retired: bool, as_json: bool) -> None:
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.features.search(text, kind=_kind(kind), retired=retired)
        if records:
            out.table(
                ["definition", "kind", "features", "source", "owner", "tags", "description"], [_row(r) for r in records]
            )
            out.next(f"mw features show {_shown_name(records[0])}")
        else:
            out.line(f"No definition holds '{text}'." if text else "No feature is defined in this workspace.")
            out.next("mw features list" if text else "mw features apply features.py")
        out.json(records)


def _kind(kind: str) -> Any:
    from millwright.core.errors import closest
    from millwright.core.records.feature import FeatureKind

    names = [one.value for one in FeatureKind]
    if kind and kind not in names:
        raise InvalidInputError(f"There is no kind '{kind}'.", hint=closest(kind, names))
    return FeatureKind(kind) if kind else None


def _row(record: FeatureDefinitionRecord) -> list[Any]:
    return [
        record.ref + (" (retired)" if record.retired else ""),
        record.kind.value.replace("_", " "),
        ", ".join(_feature_names(record)),
        ", ".join(source.partition("/")[2] for source in record.sources if not source.startswith("entity/")),
        record.owner,
        ", ".join(f"{key}={value}" for key, value in record.tags.items()),
        record.description,
    ]


def _feature_names(record: FeatureDefinitionRecord) -> list[str]:
    """What a definition offers: features of views and services, keys of entities."""
    definition = record.definition
    if "keys" in definition:
        return list(definition["keys"])
    if "windows" in definition:
        return [window["feature"] for window in definition["windows"]]
    return [
        name
        for one in definition["features"]
        for name in ([one["name"]] if "name" in one else [f"{one['prefix']}{each}" for each in one["features"]])
    ]


def _shown_name(record: FeatureDefinitionRecord) -> str:
    return f"{record.kind.value}/{record.name}" if record.kind.value in {"entity", "service"} else record.name


@app.command("show")
def show(
    name: Name,
    *,
    versions: Annotated[bool, typer.Option("--versions", help="Its older versions, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a definition: what it declares, statistics of its features, who uses it, how fresh it is."""
    from millwright.data.features.consumer import consumers

    workspace, out = start(as_json=as_json)
    with workspace:
        record = workspace.features.lookup.find(name)
        used = consumers(workspace.stores, record)
        measured = _measured(workspace.features, record)
        _head(out, record)
        _body(out, record, measured)
        out.line("used by ", ", ".join([*used.definitions, *used.datasets, *used.models]) or "nobody yet")
        older = workspace.stores.features.list_versions(record.kind, record.name)[1:] if versions else []
        if older:
            out.table(["version", "recorded", "by"], [[one.ref, one.created_at, one.actor] for one in older])
        if record.kind.value == "service":
            out.next(f"mw features training-set ENTITIES --features {record.name}")
        out.json({"record": record, "consumers": used, "older": older, **measured})


def _measured(features: FeatureCatalog, record: FeatureDefinitionRecord) -> dict[str, Any]:
    """Statistics and freshness of a view whose source can be read."""
    from millwright.data.features.definition import FeatureView, StreamFeatureView
    from millwright.data.features.freshness import freshness
    from millwright.data.features.statistic import statistics

    found: dict[str, Any] = {"statistics": None, "freshness": None, "problem": ""}
    try:
        definition = features.lookup.definition(record.kind, record.name)
        if isinstance(definition, FeatureView):
            found["statistics"] = statistics(features, definition)
        if isinstance(definition, FeatureView | StreamFeatureView):
            found["freshness"] = freshness(features, definition)
    except MillwrightError as error:
        found["problem"] = str(error)
    return found


def _head(out: Output, record: FeatureDefinitionRecord) -> None:
    out.line(
        (f"{record.kind.value}/{record.ref}", "bold"), f"  digest {record.digest[:12]}", " retired" * record.retired
    )
    if record.description:
        out.line(record.description)
    facts = [f"recorded {record.created_at:%Y-%m-%d} by {record.actor}"]
    facts += [f"owner {record.owner}"] if record.owner else []
    facts += [f"{key}={value}" for key, value in record.tags.items()]
    out.line(", ".join(facts))
    if record.sources:
        out.line("made of ", ", ".join(record.sources))


def _body(out: Output, record: FeatureDefinitionRecord, measured: dict[str, Any]) -> None:
    definition = record.definition
    if "timestamp" in definition:
        ttl = definition["ttl_us"]
        shown = f"values count for {ttl / 86_400_000_000:g} days" if ttl else "values count for ever"
        online = "online" if definition["online"] else "not online"
        created = "the column 'created' if there is one" if definition["created"] is None else definition["created"]
        out.line(f"timestamp {definition['timestamp']}, created {created or 'never'}, {shown}, {online}")
    if record.code:
        out.line(record.code)
    stated = {one.name: one for one in measured["statistics"] or ()}
    types = {one["name"]: one for one in definition.get("features", ()) if "name" in one}
    rows = [
        [name, types[name]["dtype"], stated[name].nulls if name in stated else None,
         stated[name].distinct if name in stated else None, stated[name].summary() if name in stated else "",
         types[name]["description"]]
        for name in types
    ]  # fmt: skip
    if rows:
        out.table(["feature", "type", "missing", "distinct", "values", "description"], rows)
    else:
        out.line(", ".join(_feature_names(record)))
    fresh = measured["freshness"]
    if fresh is not None:
        online = f"online up to {fresh.online_until}" if fresh.online_until else "never materialized"
        out.line(f"newest {fresh.newest or '-'} in {fresh.source}, {online}")
    if measured["problem"]:
        out.warn(measured["problem"])


@app.command("consumers")
def show_consumers(name: Name, *, as_json: AsJson = False) -> None:
    """Show who uses a definition: views and services, training sets, model versions."""
    from millwright.data.features.consumer import consumers

    workspace, out = start(as_json=as_json)
    with workspace:
        used = consumers(workspace.stores, workspace.features.lookup.find(name))
        rows = [["definition", one] for one in used.definitions]
        rows += [["dataset", one] for one in used.datasets]
        rows += [["model", one] for one in used.models]
        if rows:
            out.table(["kind", "user"], rows)
        else:
            out.line(f"Nobody uses '{name}' yet.")
        out.json(used)


@app.command("training-set")
def training_set(
    entities: Annotated[str, typer.Argument(help="Entity rows: a dataset as name or name@version, or a file.")],
    *,
    features: Annotated[list[str], typer.Option(help="A service, or view:feature; may be given several times.")],
    timestamp: Annotated[str, typer.Option(help="The column with each row's moment.")] = "event_timestamp",
    name: Annotated[str, typer.Option(help="Record it as a version of this dataset.")] = "",
    output: Annotated[str, typer.Option("--output", "-o", help="Write it to this Parquet or CSV file.")] = "",
    engine: Annotated[
        str, typer.Option("--engine", help="auto, polars, streaming, duckdb or spark; by default the setting.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Add to entity rows the features that were known at their moments, and nothing that came later."""
    workspace, out = start(as_json=as_json)
    with workspace:
        one_by_one = len(features) > 1 or ":" in features[0]
        rows = read_table(workspace, entities) if Path(entities).is_file() else entities
        wanted = features if one_by_one else features[0]
        made = workspace.features.training_set(rows, wanted, timestamp=timestamp, engine=engine or None)
        record = made.record
        saved = workspace.features.save(made, name).record if name else None
        if output:
            write_file(output, _rows_as_bytes(made.frame, output))
        matched = "; ".join(f"{view}: {count:,}" for view, count in record.matched.items())
        out.done(f"{record.rows:,} rows with {len(record.features)} features. Rows with values: {matched or '-'}.")
        if saved:
            out.line(f"Recorded as {saved.ref}, made of {', '.join([*record.definitions, *record.datasets])}.")
            out.next(f"mw data show {saved.ref}")
        elif output:
            out.line(f"Written to {output}.")
        else:
            out.next(f"mw features training-set {entities} --features {features[0]} --name NAME")
        out.json({"record": record, "dataset": saved})


def _rows_as_bytes(frame: pl.DataFrame, path: str) -> bytes:
    """The rows as the file's ending says: CSV, or Parquet."""
    buffer = io.BytesIO()
    if path.endswith(".csv"):
        frame.write_csv(buffer)
    elif path.endswith(".parquet"):
        frame.write_parquet(buffer)
    else:
        raise InvalidInputError(
            f"Expected a file that ends in .parquet or .csv, found '{path}'.", hint="Name such one."
        )
    return buffer.getvalue()


@app.command("retire")
def retire(name: Name, *, as_json: AsJson = False) -> None:
    """Offer a definition no more; its versions, and what was made of them, stay."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.features.lookup.find(name)
        record = workspace.features.retire(found.kind, found.name)
        out.done(f"{record.kind.value}/{record.ref} is retired.")
        out.next("mw features list --retired")
        out.json(record)
