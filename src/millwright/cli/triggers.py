"""`mw triggers`: pipelines that run when something happens."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.cli.schedules import change, read_target
from millwright.core.errors import InvalidInputError
from millwright.core.records.schedule import ActiveState, TriggerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.automation.triggers import Triggers
    from millwright.automation.triggers.triggers import MadeTrigger
    from millwright.cli.console import Output
    from millwright.core.ids import Digest
    from millwright.core.records.schedule import LaunchTarget, TriggerRecord
    from millwright.pipelines.on import Condition
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Triggers: pipelines that workers run when something happens.")

_Name = Annotated[str, typer.Argument(help="The trigger's name.")]
_ABOUT = {
    TriggerKind.DATASET: "a new version of",
    TriggerKind.CODE: "a change of its code",
    TriggerKind.ALERT: "alerts of",
    TriggerKind.WEBHOOK: "calls of the webhook",
    TriggerKind.API: "calls of the API",
}


@app.command("add")
def add(
    pipeline: Annotated[str, typer.Argument(help="file.py, or file.py:name when the file holds several.")],
    *,
    dataset: Annotated[list[str] | None, typer.Option(help="On a new version of this dataset; repeatable.")] = None,
    code: Annotated[bool, typer.Option("--code", help="On a change of code that its steps reach.")] = False,
    drift: Annotated[list[str] | None, typer.Option(help="On drift of this endpoint or model; repeatable.")] = None,
    alert: Annotated[list[str] | None, typer.Option(help="On any alert of this endpoint or model.")] = None,
    webhook: Annotated[list[str] | None, typer.Option(help="On a call with a secret token; give it a name.")] = None,
    api: Annotated[bool, typer.Option("--api", help="On POST /api/v1/pipelines/NAME/runs.")] = False,
    param: Annotated[list[str] | None, typer.Option(help="A parameter: name=value; may be repeated.")] = None,
    priority: Annotated[int, typer.Option(help="In the queue: higher ones go first.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline when something happens: what its on=[…] lists, or what the options name.

    Triggers that are there already stay, brought up to date.
    """
    from millwright.pipelines import on

    workspace, out = start(as_json=as_json)
    with workspace:
        loaded = workspace.launcher.load(pipeline)
        asked: list[Condition] = [
            *map(on.dataset, dataset or ()),
            *([on.code()] if code else []),
            *map(on.drift, drift or ()),
            *map(on.alert, alert or ()),
            *map(on.webhook, webhook or ()),
            *([on.api()] if api else []),
        ]
        conditions = asked or [each for each in loaded.on if not isinstance(each, on.Cron)]
        if not conditions:
            raise InvalidInputError(
                f"The pipeline '{loaded.name}' names nothing that it runs on.",
                hint="Write @mw.pipeline(on=[mw.on.dataset('name')]), or give --dataset, --code, --drift, …",
            )
        target = read_target(workspace, pipeline, loaded, param or (), priority=priority)
        made = _make(workspace, target, conditions)
        for each in made:
            _tell(out, each)
            if each.token:
                out.line(f"  POST /api/v1/hooks/{each.token}")
                out.warn("This address is shown once; whoever has it can start the pipeline.")
        if any(isinstance(each, on.Cron) for each in loaded.on) or loaded.schedule:
            out.line(f"Its times are a schedule: mw schedules add {pipeline}")
        out.next("mw worker", "mw triggers list")
        out.json(
            [
                _shown(each.record) | {"change": change(each.changed)} | ({"token": each.token} if each.token else {})
                for each in made
            ]
        )


@app.command("list")
def list_triggers(*, as_json: AsJson = False) -> None:
    """List triggers by name."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.stores.triggers.list_triggers()
        if found:
            rows = [[t.name, t.target.name, _about(t), t.state, t.fired_at] for t in found]
            out.table(["trigger", "pipeline", "on", "state", "fired"], rows)
        else:
            out.line("There are no triggers.")
            out.next("mw triggers add pipeline.py --dataset NAME")
        out.json([_shown(record) for record in found])


@app.command("pause")
def pause(name: _Name, *, as_json: AsJson = False) -> None:
    """Fire no more, until it is resumed."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = _triggers(workspace).pause(name)
        out.done(f"Trigger {name} is paused")
        out.next(f"mw triggers resume {name}")
        out.json(_shown(record))


@app.command("resume")
def resume(name: _Name, *, as_json: AsJson = False) -> None:
    """Fire on what happens from now on; what happened meanwhile starts nothing."""
    workspace, out = start(as_json=as_json)
    with workspace:
        known = workspace.stores.triggers.get(name)
        digest = _code(workspace, known.target) if known.kind is TriggerKind.CODE else None
        record = _triggers(workspace).resume(name, code=digest)
        out.done(f"Trigger {name} is active")
        out.json(_shown(record))


@app.command("remove")
def remove(name: _Name, *, as_json: AsJson = False) -> None:
    """Forget a trigger, and the token of a webhook; runs that it started stay."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = _triggers(workspace).remove(name)
        out.done(f"Trigger {name} is gone")
        out.json(_shown(record))


def _tell(out: Output, made: MadeTrigger) -> None:
    name = made.record.name
    if made.changed is None:
        out.done(f"Trigger {name}: {made.record.target.name} runs on {_about(made.record)}")
        return
    paused = " (paused)" if made.record.state is ActiveState.PAUSED else ""
    if made.changed:
        out.done(f"Trigger {name}{paused} is changed: {', '.join(made.changed)}")
    else:
        out.line(f"Trigger {name}{paused} is there already, and stays.")


def _make(workspace: Workspace, target: LaunchTarget, conditions: Sequence[Condition]) -> list[MadeTrigger]:
    """All of them, or none when one cannot be."""
    from millwright.automation.triggers.triggers import TriggerDraft
    from millwright.pipelines.on import CodeChange

    reaches = any(isinstance(each, CodeChange) for each in conditions)
    digest = _code(workspace, target) if reaches else None
    triggers = _triggers(workspace)
    with workspace.stores.transactions.transaction():
        return [triggers.put(TriggerDraft(target=target, on=each, code=digest)) for each in conditions]


def _code(workspace: Workspace, target: LaunchTarget) -> Digest | None:
    from millwright.workspace.worker.code import CodeWatch

    return CodeWatch(workspace.folder).read(target)


def _triggers(workspace: Workspace) -> Triggers:
    from millwright.automation.triggers import Triggers

    return Triggers(stores=workspace.stores, clock=workspace.clock, actor=workspace.actor)


def _about(record: TriggerRecord) -> str:
    only = f" ({', '.join(record.only)})" if record.only else ""
    return f"{_ABOUT[record.kind]} {record.subject}".strip() + only


def _shown(record: TriggerRecord) -> dict[str, Any]:
    """What may be shown: whether there is a token, nothing of which."""
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {**fields, "token_hash": None, "has_token": record.token_hash is not None}
