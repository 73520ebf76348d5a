"""`mw run --queue`: leaves a run to a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, PipelineDefinitionError
from millwright.pipelines.runner import RunOptions

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.pipelines.graph.node import Graph
    from millwright.pipelines.pipeline import Pipeline
    from millwright.workspace.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """How a run waits.

    Attributes:
        options: How it is run then.
        at: Not before this: a time such as `2026-11-30T02:00`, or a duration such as `90m`; empty for at once.
        priority: Higher ones go first.
    """

    options: RunOptions
    at: str = ""
    priority: int = 0


def enqueue(workspace: Workspace, out: Output, loaded: Pipeline, graph: Graph, waiting: Waiting) -> None:
    """Put a run into the queue, and say so.

    Raises:
        InvalidInputError: The time cannot be read, or is over.
    """
    from millwright.automation.queue import Ask
    from millwright.workspace.worker.target import launch_target

    not_before = begin_at(waiting.at, workspace.clock.now()) if waiting.at else None
    target = launch_target(
        loaded.origin, graph.params, artifacts=workspace.stores.artifacts, loaded=loaded, priority=waiting.priority
    )
    ask = Ask(trigger=waiting.options.trigger, not_before=not_before, options=queue_options(waiting.options))
    request = workspace.queue.enqueue(target, ask)
    when = f" not before {not_before.astimezone():%Y-%m-%d %H:%M:%S %Z}" if not_before else ""
    out.done(f"Queued {loaded.name} as run {request.id[-8:]}; a worker takes it up{when}.")
    out.next("mw worker", f"mw runs show {request.id[-8:]}", f"mw runs cancel {request.id[-8:]}")
    out.json({"request": request})


def queue_options(options: RunOptions) -> dict[str, Any]:
    """The options of a run as the queue keeps them: JSON values, those that are not the default."""
    found = {
        "no_cache": not options.use_cache,
        "force": sorted(options.force),
        "until": options.until,
        "executor": options.executor,
        "max_parallel": options.max_parallel,
        "strict": options.strict,
        "resumes": options.resumes,
    }
    return {name: value for name, value in found.items() if value}


def begin_at(text: str, now: datetime) -> datetime:
    """A moment from what was written: a time with or without zone (then the local one), or a duration from now.

    Args:
        text: Such as `2026-11-30T02:00`, `02:30` (of today, or tomorrow when that is over), `90m`.
        now: The time.

    Raises:
        InvalidInputError: It cannot be read, or is over.
    """
    from millwright.pipelines.annotations import parse_duration

    try:
        return now + timedelta(seconds=parse_duration(text, what="--at"))
    except (PipelineDefinitionError, OverflowError):
        pass
    local = now.astimezone()
    try:
        if "-" not in text and ":" in text:
            clock = datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 (of the local day)
            found = datetime.combine(local.date(), clock).astimezone()
            return found if found > now else datetime.combine(local.date() + timedelta(days=1), clock).astimezone()
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f"--at: expected a time or a duration, found '{text}'.", hint="Write 2026-11-30T02:00, 02:30 or 90m."
        ) from error
    found = found if found.tzinfo is not None else found.astimezone()
    if found <= now:
        raise InvalidInputError(f"--at: {found:%Y-%m-%d %H:%M %Z} is over.", hint="Give a time to come.")
    return found
