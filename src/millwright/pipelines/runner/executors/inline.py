"""Executes steps in this process, in the thread that runs the pipeline."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.pipelines.graph.builder import building
from millwright.pipelines.runner.attempt import can_stop, deadline
from millwright.pipelines.runner.executors.base import Executor, Outcome
from millwright.pipelines.runner.executors.offspring import Offspring
from millwright.pipelines.runner.external import resolved
from millwright.pipelines.runner.failure import StepFailure
from millwright.pipelines.runner.observation import observe
from millwright.pipelines.runner.watch import UNSEEN, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from millwright.pipelines.runner.executors.base import Job
    from millwright.pipelines.runner.shelf import ValueShelf


class InlineExecutor(Executor):
    """One job after the other; values are handed on without being read again.

    When a step is stopped or takes too long, the processes that it has started are ended, too.

    Args:
        shelf: Gives arguments and stores outputs.
        say: Told of limits that do not hold here, once for each step.
    """

    name = "inline"
    capacity = 1

    def __init__(self, shelf: ValueShelf, say: Callable[[str], None]) -> None:
        self._shelf, self._say = shelf, say
        self._ended: list[tuple[Job, Outcome]] = []
        self._told: set[str] = set()

    def submit(self, job: Job) -> None:
        """See `Executor.submit`."""
        if job.base not in self._told:
            self._told.add(job.base)
            for text in _not_held(job):
                self._say(text)
        started = Offspring()
        try:
            outcome = execute(job, self._shelf)
        except BaseException:  # it was stopped: errors of the step's are its outcome
            started.end()
            raise
        if _took_too_long(job, outcome):
            started.end()
        self._ended.append((job, outcome))

    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:
        """See `Executor.wait`."""
        if not self._ended and timeout_s > 0:
            time.sleep(timeout_s)
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        """See `Executor.close`."""


def execute(job: Job, shelf: ValueShelf, *, descriptors: bool = False) -> Outcome:
    """Call a step's function once, with what is seen of it, and store what it returns.

    Args:
        job: Which.
        shelf: Gives arguments and stores outputs.
        descriptors: Whether what C code and child processes print is seen, too: in a process that does nothing else.

    Raises:
        KeyboardInterrupt: Someone stopped it; so do other exceptions that are no errors.
    """
    node, context = job.node, job.context
    failure: StepFailure | None = None
    outputs: Any = ()
    encoded: Sequence[Any] | None = None
    warnings: tuple[str, ...] = ()
    with observe(context, descriptors=descriptors) as seen:
        try:
            arguments = {**node.values, **shelf.arguments(node, job.links)}
            for name, found in job.files.items():
                arguments[name] = resolved(arguments[name], found, node.spec.parameters[name].hint)
            if node.spec.context is not None:
                arguments[node.spec.context] = context
            with building(None), _watch(job) as watch, deadline(node.spec.options.timeout_s):
                returned = node.spec.call(arguments)
            if watch is not None and watch.findings:
                warnings = watch.findings
                context.facts[UNSEEN] = list(watch.unseen)
            if job.is_item:
                encoded = [each for each, _ in shelf.encoder.encode(node.name, node.spec, returned)]
            else:
                outputs = shelf.store(node.name, node.spec, returned)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a step raises is its outcome
            seen.failed(error)
            failure = StepFailure.of(error, context.project_dir)
    return Outcome(
        outputs=outputs,
        encoded=encoded,
        facts=dict(context.facts),
        edges=tuple(context.edges),
        usage=seen.usage(node.spec.options.resources),
        log=shelf.encoder.log(seen.log_bytes()),
        failure=failure,
        warnings=warnings,
    )


def _took_too_long(job: Job, outcome: Outcome) -> bool:
    failure = outcome.failure
    return failure is not None and failure.kind == "TimeoutError" and job.node.spec.options.timeout_s is not None


def _not_held(job: Job) -> Iterator[str]:
    """The limits of a step to which nothing holds it in this process, for people."""
    options, advice = job.node.spec.options, 'with executor="processes" it is held to it'
    if options.resources.memory:
        limit = options.resources.memory
        yield f"Step '{job.base}' is executed inline, where its limit of memory ({limit}) does not hold; {advice}."
    if options.timeout_s is not None and not can_stop():
        limit = f"{options.timeout_s:g} s"
        yield f"Step '{job.base}' is executed inline, where its time-out ({limit}) cannot stop it; {advice}."


def _watch(job: Job) -> AbstractContextManager[Watch | None]:
    watched = job.watched
    if watched is None:
        return nullcontext()
    files = (file.path for found in job.files.values() for file in found)
    return Watch(
        job.base,
        project_dir=job.context.project_dir,
        modules=watched.modules,
        declared=[path for path in files if path is not None],
        ignored=[Path(folder) for folder in watched.ignored],
        named=[Path(file) for file in watched.named],
        strict=watched.strict,
    )
