"""A queued run, inside its own process."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.automation.limits.permit import Because
from millwright.automation.queue.closing import close_run, end_parts, find_run
from millwright.automation.retraining.repetition import repeated_failure, repeated_refusal, repeated_version
from millwright.core.digest import digest_json
from millwright.core.errors import ConflictError, InvalidInputError, MillwrightError, StorageError
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.temporary_folder import new_temporary_folder, remove_abandoned_folders
from millwright.pipelines.fingerprint import Fingerprinter
from millwright.pipelines.runner import RunOptions
from millwright.pipelines.runner.failure import said
from millwright.pipelines.source import load_pipeline, restore_code
from millwright.workspace.worker.order import End, Order, Outcome
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.core.records.queue import RunRequest

_ENDS = {
    PipelineRunStatus.COMPLETED: End.DONE,
    PipelineRunStatus.FAILED: End.FAILED,
    PipelineRunStatus.CANCELLED: End.CANCELLED,
    PipelineRunStatus.INTERRUPTED: End.FAILED,
}


def execute(order: Order) -> Outcome:
    """Execute a queued run to its end; one that was begun goes on, and one that has ended is not begun again."""
    if order.run_id is None:
        raise ValueError("an order to run names the run")
    with Workspace.open(order.folder, overrides=order.overrides) as workspace:
        request = workspace.stores.queue.get(order.run_id)
        begun = find_run(workspace.stores, request.id)
        known = outcome_of(begun)
        if known is not None:
            return known
        if begun is not None:  # the process before this one left them open
            remove_abandoned_folders()
            reason = "its process ended before the step did; another one went on with the run"
            end_parts(workspace.stores, begun, at=workspace.clock.now(), reason=reason)
        if request.cancel_requested_by is not None:
            reason, now = f"stopped by {request.cancel_requested_by}", workspace.clock.now()
            close_run(workspace.stores, request.id, PipelineRunStatus.CANCELLED, at=now, reason=reason)
            return Outcome(end=End.CANCELLED, error=reason)
        return _run(workspace, request)


def outcome_of(run: PipelineRunRecord | None) -> Outcome | None:
    """What a run's record says about its end; None while it has none."""
    if run is None or run.status not in _ENDS:
        return None
    return Outcome(end=_ENDS[run.status], error=run.error)


def _run(workspace: Workspace, request: RunRequest) -> Outcome:
    if request.project_dir and Path(request.project_dir).is_dir():
        os.chdir(request.project_dir)
    error: BaseException | None = None
    try:
        options = run_options(request)
        # One that resumes another has that one's parameters, as far as the pipeline takes them still.
        params = request.params if options.resumes is None else {}
        with _at_hand(workspace, request) as pipeline:
            workspace.launcher.run(pipeline, params, options)
    except BaseException as raised:  # noqa: BLE001 - user code raises anything, SystemExit included
        error = raised
    found = outcome_of(find_run(workspace.stores, request.id))
    if found is not None:
        return found
    if error is None:
        return Outcome(end=End.DONE)
    # Without a record of its end: nothing began, or the store was away, or somebody else was in the way for a moment.
    text = str(error) if isinstance(error, MillwrightError) else f"{type(error).__name__}: {error}"
    again = isinstance(error, StorageError | ConflictError) or find_run(workspace.stores, request.id) is not None
    return Outcome(end=End.AGAIN if again else End.FAILED, error=text)


def run_options(request: RunRequest) -> RunOptions:
    """How a queued run is run, from what was asked for."""
    known = {field.name for field in fields(RunOptions)}
    asked: dict[str, Any] = {
        "trigger": request.trigger,
        "use_cache": not request.options.get("no_cache", False),
        "force": frozenset(request.options.get("force", ())),
        "until": request.options.get("until") or None,
        "run_id": request.id,
    }
    for name in ("executor", "max_parallel", "resumes", "strict"):
        if request.options.get(name):
            asked[name] = request.options[name]
    return RunOptions(**{name: value for name, value in asked.items() if name in known})


@contextmanager
def _at_hand(workspace: Workspace, request: RunRequest) -> Iterator[str]:
    """The pipeline, where this machine can load it: its file, or what was kept of it with the request."""
    place, _, name = request.pipeline.rpartition(":")
    if request.code is None or not Path(place).is_absolute() or Path(place).is_file():
        yield request.pipeline
        return
    folder = new_temporary_folder("queued")
    try:
        entry = restore_code(request.code, workspace.stores.artifacts, folder)
        sys.stderr.write(f"{place} is not on this machine: the code that was kept with the run is executed.\n")
        yield f"{entry}:{name}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def code_digest(order: Order) -> Outcome:
    """The digest of the code that a pipeline's steps reach, as their cache keys see it."""
    if order.project_dir and Path(order.project_dir).is_dir():
        os.chdir(order.project_dir)
    try:
        pipeline = load_pipeline(order.pipeline)
        graph = pipeline.bind(order.params)
        prints, found = Fingerprinter(), {}
        with graph.scope.active():
            for node in graph.nodes:
                found[node.name] = prints.of(node.spec.function).digest
    except MillwrightError as error:
        return Outcome(end=End.FAILED, error=str(error))
    return Outcome(end=End.DONE, digest=digest_json(dict(sorted(found.items()))))


def check_params(order: Order) -> Outcome:
    """Whether a pipeline takes some parameters; `AGAIN` when that cannot be told here."""
    if order.project_dir and Path(order.project_dir).is_dir():
        os.chdir(order.project_dir)
    pipeline = load_pipeline(order.pipeline)  # what it raises, the caller tells as `AGAIN`
    try:
        pipeline.bind(order.params)
    except InvalidInputError as error:
        return Outcome(end=End.FAILED, error=error.message)
    return Outcome(end=End.DONE)


def forecast(order: Order) -> Outcome:
    """Whether a run would train anything new; `FAILED` says why not, and `AGAIN` that it cannot be told here."""
    if order.project_dir and Path(order.project_dir).is_dir():
        os.chdir(order.project_dir)
    model = order.alias.rpartition("@")[0]
    with Workspace.open(order.folder, overrides=order.overrides) as workspace:
        try:
            graph = workspace.launcher.load(order.pipeline).bind(order.params, types=workspace.runner.types)
            told = workspace.launcher.explain(order.pipeline, order.params, RunOptions())
        except Exception as error:
            refused = repeated_refusal(model, said(error), workspace.stores)
            if refused is None:
                raise
            return Outcome(end=End.FAILED, error=refused, because=Because.FAILED.value)
        kept = {node.name for node in graph.nodes if node.spec.options.cache}
        cached = [each.cached_from for each in told if each.cached_from is not None]
        changed = [each.step for each in told if each.cached is False and each.step in kept]
        keys = {each.step: each.cache_key for each in told if each.cached is False and each.cache_key is not None}
        repeated = repeated_version(order.alias, cached, changed, workspace.stores)
        failing = repeated_failure(model, keys, workspace.stores)
    if failing is not None:
        return Outcome(end=End.FAILED, error=failing, because=Because.FAILED.value)
    if repeated is not None:
        return Outcome(end=End.FAILED, error=repeated, because=Because.UNCHANGED.value)
    return Outcome(end=End.DONE)
