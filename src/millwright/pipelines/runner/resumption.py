"""Resuming: a run goes on from where another failed, with its parameters and with what it had finished."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner.difference import differences, enumerated
from millwright.pipelines.runner.watch import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.pipelines.graph.node import Graph
    from millwright.pipelines.runner.key import StepKey
    from millwright.pipelines.runner.options import RunOptions
    from millwright.pipelines.runner.shelf import ValueShelf
    from millwright.storage.base import PipelineStore

FINISHED = frozenset({StepStatus.COMPLETED, StepStatus.CACHED})
_LONGEST_SHOWN = 80


def resumed_params(
    failed: PipelineRunRecord, pipeline: str, given: Mapping[str, Any], known: Collection[str]
) -> dict[str, Any]:
    """The parameters that a run was given, for the run that resumes it.

    Args:
        failed: The run.
        pipeline: The pipeline that is to be run.
        given: Parameters that are given again; `require_same_params` says whether they may be.
        known: What the pipeline takes by now; others that the run had are left out.

    Raises:
        InvalidInputError: It is a run of another pipeline.
    """
    _require_same_pipeline(failed, pipeline)
    return {**{name: value for name, value in failed.params.items() if name in known}, **given}


def require_same_params(failed: PipelineRunRecord, graph: Graph) -> None:
    """Make sure that a graph is that of the run which is resumed.

    Raises:
        InvalidInputError: It is one of another pipeline, or a parameter has another value than it had.
    """
    _require_same_pipeline(failed, graph.pipeline)
    changed = [
        name
        for name, value in failed.params.items()
        if name in graph.params and _as_text(graph.params[name]) != _as_text(value)
    ]
    if not changed:
        return
    told = (
        f"'{name}' was {_shown(failed.params[name])} in run '{failed.id[-8:]}', and is {_shown(graph.params[name])} now"
        for name in changed
    )
    raise InvalidInputError(
        f"A run is resumed with the parameters that it had: {'; '.join(told)}.",
        hint=f"Leave {', '.join(map(repr, changed))} out to resume it; or run without --resume: the cache takes what "
        "is unchanged anyway.",
        details={"run": failed.id, "params": changed},
    )


def finished_steps(pipelines: PipelineStore, options: RunOptions) -> dict[str, StepRunRecord]:
    """The steps that the resumed run had finished, by name, without those that are to be executed in any case.

    Items of mapped steps are not among them: they have keys of their own, or are executed again.
    """
    if options.resumes is None:
        return {}
    return {
        step.step: step
        for step in pipelines.list_step_runs(options.resumes)
        if step.status in FINISHED and not step.part_of and step.step not in options.force
    }


def why_not_taken(recorded: StepRunRecord, key: StepKey, shelf: ValueShelf, *, strict: bool) -> str:
    """Why a step that the resumed run had finished must be executed again; empty when its result can be taken.

    A step without a key (`cache=False`, or an input of which nothing tells whether it changed) is compared by what its
    key would have been made of.

    Args:
        recorded: The step run.
        key: What the step's result depends on now.
        shelf: Knows whether the outputs are still stored.
        strict: Whether results are refused that read what their key does not see.
    """
    changed = differences(recorded.key_parts, key.parts)
    if recorded.cache_key is not None and key.digest is not None:
        is_same = recorded.cache_key == key.digest
        changed = [] if is_same else changed or ["what it depends on changed"]
    if changed:
        return f"{enumerated(changed)} since run {recorded.pipeline_run_id[-8:]}"
    if strict and UNSEEN in recorded.summary:
        return "its result depends on what its key does not see, and the run is strict"
    return "" if shelf.has_all(recorded.outputs) else "its stored result is gone"


def _require_same_pipeline(failed: PipelineRunRecord, pipeline: str) -> None:
    if failed.pipeline != pipeline:
        raise InvalidInputError(
            f"Run '{failed.id[-8:]}' is one of pipeline '{failed.pipeline}', and '{pipeline}' was given.",
            hint=f"Resume it with: mw run {failed.code.entrypoint} --resume {failed.id[-8:]}",
        )


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
