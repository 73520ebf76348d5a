"""`mw queue`: runs that wait for a worker, and those that workers have; and `mw runs cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, Limit, start
from millwright.core.ids import PipelineRunId
from millwright.core.records.queue import OPEN_STATES, RequestState, RunRequest

if TYPE_CHECKING:
    from millwright.cli.console import Output

app = typer.Typer(no_args_is_help=True, help="Queued runs: what waits for a worker, and what became of it.")

_Run = Annotated[str, typer.Argument(help="The run's id, or its last 8 digits.")]


def register(runs: typer.Typer) -> None:
    """Add `cancel` to the commands of runs."""
    runs.command("cancel")(cancel)


@app.command("list")
def list_requests(
    *,
    state: Annotated[RequestState | None, typer.Option(help="Only those in this state; by default open ones.")] = None,
    pipeline: Annotated[str, typer.Option(help="Only runs of this pipeline.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    limit: Limit = 30,
    as_json: AsJson = False,
) -> None:
    """List queued runs, newest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        states = [state] if state is not None else None if everything else sorted(OPEN_STATES)
        found = workspace.stores.queue.list_requests(states=states, name=pipeline or None, limit=limit)
        columns = ["run", "pipeline", "state", "priority", "attempts", "asked", "not before", "trigger", "note"]
        if found:
            out.table(columns, [_row(request) for request in found])
            waiting = [request for request in found if request.state in OPEN_STATES]
            open_ones = ["mw worker", f"mw runs cancel {waiting[0].id[-8:]}"] if waiting else []
            out.next(*open_ones, f"mw queue show {found[0].id[-8:]}")
        else:
            counts = workspace.stores.queue.count()
            ended = sum(count for each, count in counts.items() if each not in OPEN_STATES)
            out.line(f"Nothing waits in the queue{f'; {ended} ended: mw queue list --all' if ended else ''}.")
            out.next("mw run pipeline.py --queue")
        out.json(found)


@app.command("show")
def show(run: _Run, *, as_json: AsJson = False) -> None:
    """Show a queued run: what was asked for, who has it, and why it failed."""
    from millwright.automation.queue.closing import find_run

    workspace, out = start(as_json=as_json)
    with workspace:
        request = workspace.stores.queue.get(PipelineRunId(run))
        print_request(out, request)
        has_begun = find_run(workspace.stores, request.id) is not None
        out.next(f"mw runs show {request.id[-8:]}" if has_begun else "mw queue list --all")
        out.json(request)


def print_request(out: Output, request: RunRequest) -> None:
    """What was asked for, and what became of it."""
    is_open = request.state in OPEN_STATES
    out.line((request.name, "bold"), f"  {request.state.value}  run {request.id}")
    out.line(f"asked by {request.trigger} at {request.created_at:%Y-%m-%d %H:%M:%S} UTC; {request.pipeline}")
    for label, value in (
        ("parameters", ", ".join(f"{name}={value}" for name, value in request.params.items())),
        ("not before", f"{request.not_before:%Y-%m-%d %H:%M:%S} UTC" if _waits(request) else ""),
        ("attempts", str(request.attempts) if request.attempts else ""),
        ("worker", request.owner if request.state is RequestState.RUNNING else ""),
        ("to be stopped by", request.cancel_requested_by if is_open else ""),
    ):
        if value:
            out.line((f"{label}: ", "dim"), value)
    if request.error:
        out.line((request.error, "red"))


def cancel(run: _Run, *, as_json: AsJson = False) -> None:
    """Stop a run: one that waits in the queue ends at once, one that is executed as soon as its process sees it."""
    workspace, out = start(as_json=as_json)
    with workspace:
        stopped = workspace.queue.cancel(PipelineRunId(run))
        ended = isinstance(stopped, RunRequest) and stopped.state is RequestState.CANCELLED
        name = stopped.name if isinstance(stopped, RunRequest) else stopped.pipeline
        out.done(f"Run {stopped.id[-8:]} of {name} {'is cancelled' if ended else 'is asked to stop'}")
        out.next("mw queue list --all" if ended else f"mw runs show {stopped.id[-8:]}")
        out.json(stopped)


def _waits(request: RunRequest) -> bool:
    return request.state is RequestState.QUEUED and request.not_before > request.created_at


def _row(request: RunRequest) -> list[object]:
    return [
        request.id[-8:],
        request.name,
        request.state.value,
        request.priority,
        request.attempts,
        request.created_at,
        request.not_before if _waits(request) else None,
        request.trigger,
        _note(request),
    ]


def _note(request: RunRequest) -> str | None:
    if request.cancel_requested_by and request.state in OPEN_STATES:
        return f"to be stopped by {request.cancel_requested_by}"
    return request.error
