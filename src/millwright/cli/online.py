"""`mw features materialize|push|get|check|online|forget`: features online."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.file import read_table
from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError, NotFoundError, closest

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.data.features.online.consistency import ConsistencyReport
    from millwright.data.features.online.result import OnlineResult

View = Annotated[str, typer.Argument(help="A feature view's name.")]
Entity = Annotated[list[str] | None, typer.Argument(help="The keys of one entity, as column=value.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `mw features`."""
    app.command("materialize")(materialize)
    app.command("push")(push)
    app.command("get")(get)
    app.command("check")(check)
    app.command("online")(online)
    app.command("forget")(forget)
    app.command("skew")(skew)


def materialize(
    views: Annotated[
        list[str] | None, typer.Argument(help="Feature views; all that are to be online by default.")
    ] = None,
    *,
    until: Annotated[str, typer.Option(help="Only what was known at this moment, such as 2026-03-31T18:00:00Z.")] = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Compute everything anew.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring what is new of feature views online: the newest value of each entity."""
    from millwright.evaluation.wording import counted

    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.online.materialize(views or None, until=_moment(until) if until else None, rebuild=rebuild)
        for record in records:
            entities = f"{record.entities:,} {'entity' if record.entities == 1 else 'entities'}"
            out.done(f"{record.view}: {counted(record.rows, 'new row')} of {record.source}, {entities} put.")
        out.next(f"mw features check {records[0].view}", f"mw features get {records[0].view} KEY=VALUE")
        out.json(records)


def push(
    view: View,
    source: Annotated[str, typer.Argument(help="A table: a file, or a dataset as name or name@version.")],
    *,
    to: Annotated[str, typer.Option(help="both, online or offline.")] = "both",
    as_json: AsJson = False,
) -> None:
    """Take in rows the moment they arrive: append them to the view's dataset, and bring them online."""
    from millwright.evaluation.wording import counted

    workspace, out = start(as_json=as_json)
    with workspace:
        target: Any = to
        found = workspace.online.push(view, _typed(workspace, view, read_table(workspace, source)), to=target)
        where = f" {found.source} has them." if found.source else ""
        out.done(f"{counted(found.rows, 'row')} pushed to {view}: {found.online:,} online.{where}")
        if found.waiting:
            out.warn(f"{found.waiting:,} are later than now; materialize after their moment.")
        out.next(f"mw features check {view}")
        out.json(found)


def get(
    features: Annotated[
        str, typer.Argument(help="A feature service, or a view; or view:feature, separated by commas.")
    ],
    entity: Entity = None,
    *,
    source: Annotated[str, typer.Option("--file", help="A table with the keys of many entities.")] = "",
    request: Annotated[list[str] | None, typer.Option(help="name=value for on-demand views; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read the newest values of features online, with their age."""
    workspace, out = start(as_json=as_json)
    with workspace:
        entities: Any = read_table(workspace, source) if source else [_pairs(entity or (), "the entity")]
        wanted = _wanted(workspace, features)
        asked = _pairs(request or (), "the request")
        try:
            result = workspace.online.read(wanted, entities, asked or None)
        except InvalidInputError:
            if source:
                raise
            # A key that looks like a number may be text.
            result = workspace.online.read(wanted, [_pairs(entity or (), "the entity", plain=True)], asked or None)
        _show(out, result, workspace.clock.now())
        out.json(result.as_dict())


def check(
    view: View,
    *,
    sample: Annotated[int, typer.Option(min=1, help="How many entities to compare.")] = 1000,
    every: Annotated[bool, typer.Option("--all", help="Compare all entities.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare values online with what the dataset says; the exit code is 1 when one differs."""
    workspace, out = start(as_json=as_json)
    with workspace:
        report = workspace.online.check(view, sample=None if every else sample)
        _show_report(out, report)
        out.json(report)
        if not report.is_consistent:
            raise typer.Exit(1)


def online(*, as_json: AsJson = False) -> None:
    """List what is online: views, entities, up to when."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = [each for each in workspace.stores.features.list_latest() if each.definition.get("online")]
        found = [workspace.online.describe(each.name) for each in records]
        rows = [
            [each.view, each.entities, each.source or None, each.until, "interrupted" if each.is_interrupted else ""]
            for each in found
        ]
        if rows:
            out.table(["view", "entities", "from", "until", ""], rows)
            out.next("mw features materialize")
        else:
            out.line("No view is to be online.")
            out.next("mw features apply features.py")
        out.json(found)


def forget(view: View, entity: Entity = None, *, as_json: AsJson = False) -> None:
    """Forget an entity online, in every version of a view; its rows in the dataset stay (see mw data erase)."""
    workspace, out = start(as_json=as_json)
    with workspace:
        try:
            count = workspace.online.delete(view, [_pairs(entity or (), "the entity")])
        except InvalidInputError:
            count = workspace.online.delete(view, [_pairs(entity or (), "the entity", plain=True)])
        out.done(f"{view}: {count:,} row{'' if count == 1 else 's'} forgotten online.")
        out.next("mw data erase DATASET --help")
        out.json({"view": view, "deleted": count})


def skew(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name.")],
    features: Annotated[str, typer.Argument(help="The feature service of its model, or views.")],
    *,
    since: Annotated[str, typer.Option(help="Only predictions from this moment on.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most predictions to compare: the newest.")] = 10_000,
    as_json: AsJson = False,
) -> None:
    """Compare the features that a model was served with what the datasets say of that moment; exit code 1 on skew."""
    from millwright.evaluation.wording import counted

    workspace, out = start(as_json=as_json)
    with workspace:
        wanted = _wanted(workspace, features)
        report = workspace.online.skew(endpoint, wanted, since=_moment(since) if since else None, limit=limit)
        rows = [[each.feature, each.compared, each.different, each.share, each.largest] for each in report.features]
        out.table(["feature", "compared", "different", "share", "largest difference"], rows)
        if report.without_entity:
            out.warn(f"{report.without_entity:,} of {report.predictions:,} predictions name no entity.")
        if report.not_logged:
            out.warn(f"Not among what the model saw: {', '.join(report.not_logged)}.")
        if report.is_empty:
            out.warn(f"Nothing could be compared of {counted(report.predictions, 'prediction')} of {endpoint}.")
        elif not report.is_skewed:
            out.done(f"{report.predictions:,} predictions of {endpoint}: no difference.")
        worst = max(report.features, key=lambda each: each.share, default=None)
        if worst is not None and worst.examples:
            out.next(f"mw why {worst.examples[0].prediction}")
        out.json(report)
        if report.is_skewed or report.is_empty:
            raise typer.Exit(1)


def _typed(workspace: Any, view: str, rows: Any) -> Any:
    """Rows of a text file with the types that the view's dataset has."""
    from millwright.core.errors import NotFoundError

    try:
        known = workspace.datasets.get(workspace.online.view(view).source).scan().collect_schema()
    except NotFoundError:
        return rows
    import polars as pl

    changed = {name: dtype for name, dtype in known.items() if name in rows.columns and rows.schema[name] != dtype}
    try:
        return rows.with_columns(
            (pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC", strict=True).cast(dtype))
            if isinstance(dtype, pl.Datetime) and rows.schema[name] == pl.String
            else pl.col(name).cast(dtype)
            for name, dtype in changed.items()
        )
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The rows do not have the types of the view's dataset: {str(error).splitlines()[0][:200]}",
            hint="Give a Parquet file, or moments as 2026-03-31T18:00:00Z.",
        ) from error


def _wanted(workspace: Any, features: str) -> Any:
    from millwright.core.records.feature import FeatureKind

    if ":" in features or "," in features:
        return features.split(",")
    recorded = [
        record
        for record in workspace.stores.features.list_latest(retired=True)
        if record.kind is not FeatureKind.ENTITY
    ]
    if all(record.name != features for record in recorded):
        hint = closest(features, [record.name for record in recorded])
        raise NotFoundError(
            f"There is no feature service or view '{features}'.",
            hint=hint or "Record some with: mw features apply features.py",
        )
    services = {record.name for record in recorded if record.kind is FeatureKind.SERVICE}
    return features if features in services else [features]


def _pairs(words: Any, what: str, *, plain: bool = False) -> dict[str, Any]:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise InvalidInputError(f"Expected name=value for {what}, found '{word}'.", hint="Such as: building=b1")
        try:
            found[name] = value if plain else json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(
            f"Expected a moment such as 2026-03-31T18:00:00Z, found '{text}'.", hint="Without a zone it is in UTC."
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _show(out: Output, result: OnlineResult, now: datetime) -> None:
    columns = result.columns
    if len(result) == 1:
        rows = [
            [name, values[0], result.status(name)[0].value, result.freshness(name)[0]]
            for name, values in columns.items()
        ]
        out.table(["feature", "value", "status", "since"], rows)
    else:
        frame = result.frame
        out.table(frame.columns, [list(row) for row in frame.rows()])
    expired = sum(each.value == "expired" for name in columns for each in result.status(name))
    if expired:
        said = "1 value is older than its ttl" if expired == 1 else f"{expired:,} values are older than their ttl"
        out.warn(f"{said}, as of {now.isoformat(timespec='seconds')}.")


def _show_report(out: Output, report: ConsistencyReport) -> None:
    rows = [[each.feature, each.compared, each.different] for each in report.features]
    out.table(["feature", "compared", "different"], rows)
    if report.is_consistent:
        out.done(
            f"{report.view}: {report.compared:,} of {report.entities:,} entities are online as {report.source} says."
        )
        return
    for each in report.features:
        out.items(
            [
                f"{each.feature} of {', '.join(map(str, found.key))}: online {found.online} ({found.status}), "
                f"offline {found.offline}"
                for found in each.examples[:3]
            ]
        )
    out.warn(f"Only online: {report.only_online:,}; only offline: {report.only_offline:,}.")
    again = shlex.join(["mw", "features", "materialize", report.view])
    out.next(again, f"{again} --rebuild")
