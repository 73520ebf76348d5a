"""Brings one step to its result: from the cache, from another run that computes it, or by calling the function."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.clock import Clock
from millwright.core.errors import IntegrityError, MillwrightError, StepFailedError
from millwright.core.progress import Progress
from millwright.core.records.pipeline import PipelineRunStatus, StepRunRecord, StepStatus
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.builder import building
from millwright.pipelines.graph.node import Graph
from millwright.pipelines.runner.attempt import attempt
from millwright.pipelines.runner.journal import Journal, new_step_run_id, value_edges
from millwright.pipelines.runner.key import KeyMaker
from millwright.pipelines.runner.lease import LeaseKeeper
from millwright.pipelines.runner.options import RunOptions
from millwright.pipelines.runner.shelf import ValueShelf
from millwright.storage.base import PipelineStore

if TYPE_CHECKING:
    from millwright.core.ids import Digest, PipelineRunId, StepRunId
    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.runner.external import ExternalFile
    from millwright.pipelines.runner.key import StepKey

logger = logging.getLogger(__name__)

_FAILED = PipelineRunStatus.FAILED
_FIRST_POLL_S, _LONGEST_POLL_S = 0.02, 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class RunParts:
    """What the steps of one run share."""

    graph: Graph
    options: RunOptions
    pipelines: PipelineStore
    clock: Clock
    progress: Progress
    services: Mapping[type, object]
    project_dir: Path
    keys: KeyMaker
    shelf: ValueShelf
    leases: LeaseKeeper
    journal: Journal


class StepExecutor:
    """Performs the steps of one run, one after the other.

    Args:
        run_id: The run.
        parts: What its steps share.
    """

    def __init__(self, run_id: PipelineRunId, parts: RunParts) -> None:
        self._run_id = run_id
        self._parts = parts
        self._shelf = parts.shelf
        self._journal = parts.journal
        self._lost: StepRunId | None = None  # the recorded result that could not be taken

    def perform(self, node: Node) -> None:
        """Bring a step to its result, and write down what became of it.

        Raises:
            MillwrightError: The step refused its input; the error names the step in its details.
            StepFailedError: Its code raised something else; the cause is chained.
        """
        context = self._context(node)
        inputs = {name: self._shelf.ref(link) for name, link in node.links.items()}
        record = StepRunRecord(
            id=context.step_run_id,
            pipeline_run_id=self._run_id,
            step=node.name,
            function=node.spec.label,
            status=StepStatus.RUNNING,
            started_at=self._parts.clock.now(),
            params=node.plain,
            inputs=inputs,
        )
        key: StepKey | None = None
        try:
            pinned = self._parts.options.pinned.get(node.name)
            if pinned is not None:
                self._take_pinned(record, pinned)
                return
            linked = {
                name: self._shelf.fetch(link, Any) for name, link in node.links.items() if _names_file(node, name)
            }
            key = self._parts.keys.key(node, inputs, context, linked)
            record = replace(record, cache_key=key.digest)
            if not self._take_cached(record, key.digest) and not self._wait_or_start(record, key.digest):
                self._execute(node, record, key, context)
        except BaseException as error:  # noqa: BLE001 - Ctrl-C and sys.exit are ends of a step, too; raised again
            self._fail(node, record, key, error)
        finally:
            self._shelf.release(node.links)

    def _context(self, node: Node) -> StepContext:
        parts = self._parts
        return StepContext(
            step=node.name,
            pipeline=parts.graph.pipeline,
            pipeline_run_id=self._run_id,
            step_run_id=new_step_run_id(),
            clock=parts.clock,
            params=parts.graph.values,
            progress=parts.progress,
            project_dir=parts.project_dir,
            tracking_run_id=parts.options.tracking_run_id,
            trigger=parts.options.trigger,
            services=parts.services,
        )

    def _take_pinned(self, record: StepRunRecord, pinned: StepRunRecord) -> None:
        if not self._shelf.has_all(pinned.outputs):
            raise IntegrityError(
                f"The recorded outputs of step '{pinned.step}' are not in the artifact store any more.",
                hint="Restore the artifacts from a backup, or run the step again without pinning it.",
            )
        self._accept(replace(record, cache_key=pinned.cache_key), pinned)

    def _take_cached(self, record: StepRunRecord, key: Digest | None) -> bool:
        found = self._hit(record.step, key)
        if found is None:
            return False
        self._accept(record, found)
        return True

    def _accept(self, record: StepRunRecord, source: StepRunRecord) -> None:
        self._shelf.place(record.step, source.outputs)
        self._journal.cached(record, source)

    def _hit(self, step: str, key: Digest | None) -> StepRunRecord | None:
        options = self._parts.options
        if key is None or not options.use_cache or step in options.force:
            return None
        found = self._parts.pipelines.find_cached(key)
        if found is None or self._shelf.has_all(found.outputs):
            return found
        self._lost = found.id
        return None

    def _wait_or_start(self, record: StepRunRecord, key: Digest | None) -> bool:
        """Begin computing a result, or wait for the run that computes it; True when it came from there."""
        if key is None or not self._parts.options.use_cache or record.step in self._parts.options.force:
            self._journal.start(record, lambda: None)
            return False
        pause, waiting = _FIRST_POLL_S, False
        while True:
            claimed = False

            def claim() -> StepRunRecord | None:
                nonlocal claimed
                claimed = self._parts.leases.acquire(key)
                # Whoever had the lease before may have recorded the result since we looked.
                found = self._hit(record.step, key)
                if found is not None and claimed:
                    self._parts.leases.release(key)
                return found if found is not None or claimed else record

            found = self._journal.start(record, claim)
            if found is None:
                return False
            if found is not record:
                self._accept(record, found)
                return True
            if not waiting:
                waiting = True
                self._parts.progress.say(f"Another run is executing step '{record.step}'; waiting for its result.")
            time.sleep(pause)
            pause = min(_LONGEST_POLL_S, pause * 2)

    def _execute(self, node: Node, record: StepRunRecord, key: StepKey, context: StepContext) -> None:
        arguments = {**node.values, **self._shelf.arguments(node)}
        for name, found in key.files.items():
            arguments[name] = _resolved(arguments[name], found)
        if node.spec.context is not None:
            arguments[node.spec.context] = context

        def retry(number: int, error: Exception) -> None:
            self._parts.progress.say(f"Step '{node.name}', attempt {number}: {_said(error)}. Trying again.")

        with building(None):
            returned = attempt(lambda: node.spec.call(arguments), node.spec.options, on_retry=retry)
        outputs = self._shelf.store(node.name, node.spec.outputs, returned)
        done = replace(record, outputs=outputs, summary=dict(context.facts))
        files = [file for each in key.files.values() for file in each]
        other = self._journal.complete(
            done, [*value_edges(done, files), *context.edges], lambda: self._settle(record, key.digest)
        )
        if other is not None:
            self._accept(record, other)

    def _settle(self, record: StepRunRecord, key: Digest | None) -> StepRunRecord | None:
        """Whether somebody else recorded this result while our lease had run out; the lease ends in any case."""
        if key is None or not self._parts.options.use_cache or record.step in self._parts.options.force:
            return None
        self._parts.leases.confirm(key)
        found = self._hit(record.step, key)
        self._parts.leases.release(key)
        # A result whose artifacts were lost is whole again now that we have stored the same; it is not somebody else's.
        return found if found is not None and found.id != self._lost else None

    def _fail(self, node: Node, record: StepRunRecord, key: StepKey | None, error: BaseException) -> None:
        """Write the failure down and raise it in the form that the user meets."""

        def release() -> None:
            if key is not None and key.digest is not None:
                self._parts.leases.release(key.digest)

        stopped = isinstance(error, KeyboardInterrupt)
        text, status = ("stopped by the user", PipelineRunStatus.CANCELLED) if stopped else (_said(error), _FAILED)
        try:
            self._journal.fail(record, text, status=status, release=release)
        except MillwrightError:  # the store is away, too; what went wrong first is what the user needs to know
            logger.exception("The failure of step '%s' could not be recorded", node.name)
        if stopped:
            raise error
        if isinstance(error, MillwrightError):
            error.details.setdefault("step", node.name)
            raise error
        where = _where(error, self._parts.project_dir)
        raise StepFailedError(
            f"Step '{node.name}' failed: {_said(error)}{f' ({where})' if where else ''}.",
            hint="Correct it and run again: the steps before it are kept.",
            details={"step": node.name, "error": type(error).__name__, "at": where},
        ) from error


def _names_file(node: Node, link: str) -> bool:
    return node.spec.parameters[link.partition("[")[0]].external


def _resolved(value: Any, files: tuple[ExternalFile, ...]) -> Any:
    """A parameter that names files, with absolute paths; URLs stay."""
    paths = [str(file.path or file.uri) for file in files]
    if isinstance(value, list | tuple):
        return type(value)(type(each)(path) for each, path in zip(value, paths, strict=True))
    return type(value)(paths[0])


def _said(error: BaseException) -> str:
    if isinstance(error, MillwrightError):
        return error.message
    text = str(error).strip().rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _where(error: BaseException, project_dir: Path) -> str:
    """`file.py:12` of the innermost line that lies in the project; empty when there is none."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(project_dir) and "site-packages" not in path.parts:
            return f"{path.name}:{frame.lineno}"
    return ""
