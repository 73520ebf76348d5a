"""`mw runs logs`: what the steps of a run printed and logged."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start
from millwright.cli.pipeline_run import RunOrLatest, pipeline_run
from millwright.cli.step_output import StepOutput, readable
from millwright.core.errors import InvalidInputError, MillwrightError, closest
from millwright.core.plain_text import visible
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.cli.console import Output
    from millwright.core.ids import StepRunId
    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.workspace.workspace import Workspace

_POLL_S = 0.3
_GONE = "its log is not in the artifact store any more"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("logs")(show_logs)


def show_logs(
    run: RunOrLatest = "",
    *,
    step: Annotated[str, typer.Option(help="Only this step, or this item: clean, or clean[3].")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the steps of a pipeline run printed and logged; secrets are masked.

    What a step prints while it executes is shown on the machine that executes it, and elsewhere when the step has
    ended.
    """
    from millwright.workspace.step_service import live_logs

    if follow and as_json:
        raise InvalidInputError("--follow goes on, and --json is one document.", hint="Leave one of them out.")
    workspace, out = start(as_json=as_json)
    with workspace:
        workspace.close_interrupted()
        record = pipeline_run(workspace, run)
        output = StepOutput(workspace.stores, live_logs(workspace.folder))
        if follow:
            _follow(workspace, out, output, record, step)
            return
        steps = chosen_steps(output.with_items(workspace.stores.pipelines.list_step_runs(record.id)), step)
        logs = [(each, *_read(output, each)) for each in steps]
        if not as_json:
            heads = {each.id: _head(each, output.executed(each)) for each, text, problem in logs if text or problem}
            _print(out, record, logs, heads if len(logs) > 1 else {})
        found = [
            {"step": each.step, "status": each.status, "text": text, **({"problem": problem} if problem else {})}
            for each, text, problem in logs
        ]
        out.json({"run": record.id, "logs": found})


def chosen_steps(steps: Sequence[StepRunRecord], name: str) -> list[StepRunRecord]:
    """The steps that a name means: itself and the items that are part of it; all of them when it is empty.

    Raises:
        InvalidInputError: The run has no such step; the message names the closest.
    """
    if not name:
        return list(steps)
    found = [each for each in steps if name in {each.step, each.part_of}]
    if not found:
        raise InvalidInputError(
            f"The run has no step '{name}'.", hint=closest(name, [each.step for each in steps]) or "None has begun yet."
        )
    return found


def _read(output: StepOutput, step: StepRunRecord) -> tuple[str, str]:
    try:
        return output.whole(step), ""
    except MillwrightError:
        return "", _GONE


def _print(
    out: Output,
    record: PipelineRunRecord,
    logs: Sequence[tuple[StepRunRecord, str, str]],
    heads: Mapping[StepRunId, str],
) -> None:
    told = [each for each in logs if each[1] or each[2]]
    if not told:
        what = f"step '{logs[0][0].step}'" if len(logs) == 1 else "those steps"
        out.line(f"Nothing was printed or logged by {what}.")
    for step, text, problem in told:
        if step.id in heads:
            out.line((heads[step.id], "bold cyan"))
        for line in readable(text):
            _write(line)
        if problem:
            out.warn(f"{step.step}: {problem}.")
    out.next(f"mw runs show {record.id[-8:]}")


def _head(step: StepRunRecord, executed: StepRunRecord) -> str:
    origin = f" from run {executed.pipeline_run_id[-8:]}" if executed is not step else ""
    return f"── {step.step} ({step.status.value}{origin}) ──"


def _follow(workspace: Workspace, out: Output, output: StepOutput, record: PipelineRunRecord, step: str) -> None:
    """Print what is new, until the run has ended; a step's name may be of one that has not begun yet."""
    pipelines, last = workspace.stores.pipelines, ""
    while True:
        # The run first: what its last step wrote is read after that.
        record = pipelines.get_pipeline_run(record.id)
        for each in pipelines.list_step_runs(record.id):
            if (step and step not in {each.step, each.part_of}) or each.status is StepStatus.CACHED:
                continue
            text = output.fresh(each)
            if not text:
                continue
            if last != each.step and not step:
                out.line((_head(each, each), "bold cyan"))
            last = each.step
            for line in readable(text):
                _write(line)
            sys.stdout.flush()
        if record.status is not PipelineRunStatus.RUNNING:
            break
        time.sleep(_POLL_S)
        workspace.close_interrupted()
    out.line(f"The run is {record.status.value}{f': {record.error}' if record.error else ''}.")


def _write(line: str) -> None:
    # Not by way of Rich, which takes long over each of a hundred thousand lines.
    sys.stdout.write(f"{visible(line)}\n")
