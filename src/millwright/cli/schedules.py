"""`mw schedules`: pipelines that run at certain times."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError, closest
from millwright.core.records.schedule import ActiveState, CatchUp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from millwright.automation.schedules import Schedules
    from millwright.core.records.schedule import LaunchTarget, ScheduleRecord
    from millwright.pipelines.pipeline import Pipeline
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Schedules: pipelines that workers run at certain times.")

_Name = Annotated[str, typer.Argument(help="The schedule's name.")]


@app.command("add")
def add(
    pipeline: Annotated[str, typer.Argument(help="file.py, or file.py:name when the file holds several.")],
    *,
    cron: Annotated[
        str, typer.Option(help="Five fields, such as '0 2 * * *'; by default what @mw.pipeline(schedule=…) says.")
    ] = "",
    tz: Annotated[str, typer.Option(help="The time zone, such as Europe/Berlin; UTC by default.")] = "",
    name: Annotated[str, typer.Option(help="What to call it; the pipeline's name by default.")] = "",
    param: Annotated[list[str] | None, typer.Option(help="A parameter: name=value; may be repeated.")] = None,
    catch_up: Annotated[
        CatchUp, typer.Option(help="Times that passed while no worker ran: none, the last one, or all of them.")
    ] = CatchUp.LAST,
    catch_up_limit: Annotated[int, typer.Option(min=1, help="Most missed times that are made up for at once.")] = 10,
    priority: Annotated[int, typer.Option(help="In the queue: higher ones go first.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline at certain times; a worker (mw worker) has to run for it.

    A schedule that is there already stays, brought up to date.
    """
    from millwright.automation.schedules import ScheduleDraft

    workspace, out = start(as_json=as_json)
    with workspace:
        loaded = workspace.launcher.load(pipeline)
        expression, zone = declared_times(loaded)
        if not cron and not expression:
            raise InvalidInputError(
                f"The pipeline '{loaded.name}' names no schedule.",
                hint="Give one with --cron '0 2 * * *', or write @mw.pipeline(schedule='0 2 * * *').",
            )
        draft = ScheduleDraft(
            target=read_target(workspace, pipeline, loaded, param or (), priority=priority),
            cron=cron or expression,
            tz=tz or ("UTC" if cron else zone),
            name=name,
            catch_up=catch_up,
            catch_up_limit=catch_up_limit,
        )
        schedules = schedules_of(workspace)
        made = schedules.put(draft)
        record = made.record
        times = f"{record.target.name} at '{record.cron}' ({record.tz})"
        paused = " (paused)" if record.state is ActiveState.PAUSED else ""
        if made.changed is None:
            out.done(f"Schedule {record.name} runs {times}")
        elif made.changed:
            out.done(f"Schedule {record.name}{paused} is changed: {', '.join(made.changed)}; it runs {times}")
        else:
            out.line(f"Schedule {record.name}{paused} is there already, and stays: it runs {times}.")
        local = [moment.astimezone(_zone(record)) for moment in schedules.upcoming(record, 3)]
        clock = _clock(local)
        out.items([f"{moment:%a %Y-%m-%d} {moment:{clock}}" for moment in local])
        out.next("mw worker", f"mw schedules next {record.name}")
        fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
        out.json({**fields, "change": change(made.changed)})


@app.command("list")
def list_schedules(*, as_json: AsJson = False) -> None:
    """List schedules by name, with their last and next times, each in its own time zone."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.stores.schedules.list_schedules()
        if found:
            out.table(
                ["schedule", "pipeline", "when", "zone", "state", "last", "next", "catch up"],
                [[s.name, s.target.name, s.cron, s.tz, s.state, *_last_and_next(s), s.catch_up] for s in found],
            )
        else:
            out.line("There are no schedules.")
            out.next("mw schedules add pipeline.py --cron '0 2 * * *'")
        out.json(found)


@app.command("next")
def show_next(
    name: _Name, *, count: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 5, as_json: AsJson = False
) -> None:
    """Show the next times of a schedule, in its own time zone."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = workspace.stores.schedules.get(name)
        times = schedules_of(workspace).upcoming(record, count)
        if not times:
            out.line(f"Schedule {name} is {record.state.value} and has no next time.")
        local: list[datetime] = [moment.astimezone(_zone(record)) for moment in times]
        out.items([f"{moment:%a %Y-%m-%d %H:%M:%S %Z}" for moment in local])
        out.json({"schedule": name, "tz": record.tz, "next": local})


@app.command("pause")
def pause(name: _Name, *, as_json: AsJson = False) -> None:
    """Start nothing from now on, until it is resumed."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = schedules_of(workspace).pause(name)
        out.done(f"Schedule {name} is paused")
        out.next(f"mw schedules resume {name}")
        out.json(record)


@app.command("resume")
def resume(name: _Name, *, as_json: AsJson = False) -> None:
    """Go on with the next time; those that passed meanwhile are left out."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = schedules_of(workspace).resume(name)
        out.done(f"Schedule {name} is active")
        out.next(f"mw schedules next {name}")
        out.json(record)


@app.command("remove")
def remove(name: _Name, *, as_json: AsJson = False) -> None:
    """Forget a schedule; runs that it started stay."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = schedules_of(workspace).remove(name)
        out.done(f"Schedule {name} is gone")
        out.json(record)


def change(changed: Sequence[str] | None) -> str:
    """What adding did, in a word: `added`, `changed` or `kept`."""
    return "added" if changed is None else "changed" if changed else "kept"


def schedules_of(workspace: Workspace) -> Schedules:
    """The schedules of a workspace, changed in the name of whoever calls."""
    from millwright.automation.schedules import Schedules

    return Schedules(stores=workspace.stores, clock=workspace.clock, actor=workspace.actor)


def declared_times(pipeline: Pipeline) -> tuple[str, str]:
    """The cron expression and time zone that a pipeline declares: by `schedule=`, else in `on=[…]`; empty for none."""
    from millwright.pipelines.on import Cron

    for each in (pipeline.schedule, *pipeline.on):
        if isinstance(each, Cron):
            return each.expression, each.tz
        if isinstance(each, str) and each:
            return each, "UTC"
    return "", "UTC"


def read_target(
    workspace: Workspace, text: str, loaded: Pipeline, words: Sequence[str], *, priority: int
) -> LaunchTarget:
    """What is run, of `name=value` words.

    Raises:
        InvalidInputError: A word is none, or a parameter is missing, unknown or wrong.
    """
    from millwright.workspace.worker.target import launch_target

    params: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise InvalidInputError(f"Expected --param name=value, found '{word}'.")
        if key not in loaded.parameter_names:
            hint = closest(key, loaded.parameter_names) or "It has no parameters."
            raise InvalidInputError(f"The pipeline '{loaded.name}' has no parameter '{key}'.", hint=hint)
        params[key] = value
    return launch_target(text, params, artifacts=workspace.stores.artifacts, loaded=loaded, priority=priority)


def _last_and_next(record: ScheduleRecord) -> list[str | None]:
    """The last and the next time in the schedule's own zone; None where there is none."""
    moments = (record.last_at, record.next_at if record.state is ActiveState.ACTIVE else None)
    local = [moment and moment.astimezone(_zone(record)) for moment in moments]
    clock = _clock([moment for moment in local if moment])
    return [f"{moment:%Y-%m-%d} {moment:{clock}}" if moment else None for moment in local]


def _clock(moments: Sequence[datetime]) -> str:
    """How to show times of the day: with seconds where a schedule has some, so that no two times look the same."""
    return "%H:%M:%S %Z" if any(moment.second for moment in moments) else "%H:%M %Z"


def _zone(record: ScheduleRecord) -> ZoneInfo:
    from zoneinfo import ZoneInfo as Zone

    return Zone(record.tz)
