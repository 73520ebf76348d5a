"""Steps in other processes: what is sent, how it is executed there, and what comes back.

A task names the pipeline by its file and the step by its name; the other side loads the file, builds the same graph and
reads the arguments from the artifact store. Nothing is pickled.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.clock import Clock, SystemClock
from millwright.core.digest import digest_json
from millwright.core.errors import ConfigurationError
from millwright.core.ids import Digest, PipelineRunId, RunId, StepRunId
from millwright.core.progress import SilentProgress
from millwright.core.records.audit import LineageEdge
from millwright.core.records.pipeline import StepUsage, ValueRef
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.node import Link
from millwright.pipelines.parameter import coerce
from millwright.pipelines.runner.encoding import Encoded
from millwright.pipelines.runner.executors.base import Job, Outcome, Watched
from millwright.pipelines.runner.executors.inline import execute
from millwright.pipelines.runner.external import ExternalFile
from millwright.pipelines.runner.failure import StepFailure
from millwright.pipelines.runner.shelf import ValueShelf
from millwright.pipelines.serializers import ValueTypes
from millwright.pipelines.source import load_pipeline
from millwright.storage.base import ArtifactStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.pipelines.graph.node import Graph, Node
    from millwright.pipelines.runner.run_parts import RunParts


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What steps need where they are executed.

    Attributes:
        artifacts: Where values are.
        types: How they are read and written.
        services: What steps can ask their context for, by type.
        clock: The time.
    """

    artifacts: ArtifactStore
    types: ValueTypes
    services: Mapping[type, object] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opener:
    """How another process comes by its side.

    Attributes:
        function: `package.module:name` of a function that is given `config`.
        config: JSON values.
        paths: Where modules are imported from, besides what the interpreter knows.
    """

    function: str
    config: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()

    def open(self) -> Side:
        """The side; opened anew."""
        sys.path.extend(path for path in self.paths if path not in sys.path)
        module, _, name = self.function.partition(":")
        opened: Side = getattr(importlib.import_module(module), name)(dict(self.config))
        return opened


@dataclass(frozen=True, kw_only=True)
class RemoteTask:
    """A job, as it is sent."""

    origin: str
    params: Mapping[str, Any]
    base: str
    step: str
    step_run_id: StepRunId
    pipeline_run_id: PipelineRunId
    project_dir: str
    trigger: str
    tracking_run_id: RunId | None
    links: Mapping[str, Link]
    refs: Mapping[str, ValueRef]
    plain: Mapping[str, Any]
    files: Mapping[str, list[tuple[str, str | None, Digest | None]]]
    is_item: bool
    watched: Watched | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteFailure:
    """A failure without the exception itself."""

    kind: str
    text: str
    classes: tuple[str, ...] = ()
    where: str = ""
    is_mistake: bool = False
    shown: Mapping[str, Any] = field(default_factory=dict)
    trace: str = ""


@dataclass(frozen=True, kw_only=True)
class RemoteOutcome:
    """An outcome, as it is sent."""

    outputs: tuple[ValueRef, ...] = ()
    encoded: list[Encoded] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    edges: tuple[LineageEdge, ...] = ()
    usage: StepUsage | None = None
    log: Digest | None = None
    failure: RemoteFailure | None = None
    warnings: tuple[str, ...] = ()


def task_bytes(job: Job, parts: RunParts) -> bytes:
    """A job as bytes.

    Raises:
        ConfigurationError: No other process can find the pipeline.
    """
    graph, node = parts.graph, job.node
    if not graph.origin:
        raise ConfigurationError(
            f"Pipeline '{graph.pipeline}' is in no file or module that another process could load, so its steps run "
            "inline only.",
            hint="Put it in a file and run that: mw run pipeline.py",
        )
    task = RemoteTask(
        origin=graph.origin,
        params=graph.params,
        base=job.base,
        step=node.name,
        step_run_id=job.context.step_run_id,
        pipeline_run_id=job.context.pipeline_run_id,
        project_dir=str(job.context.project_dir),
        trigger=job.context.trigger,
        tracking_run_id=job.context.tracking_run_id,
        links=job.links,
        refs=job.refs,
        plain=node.plain if job.is_item else {},
        files={
            name: [(file.uri, None if file.path is None else str(file.path), file.digest) for file in files]
            for name, files in job.files.items()
        },
        is_item=job.is_item,
        watched=job.watched and job.watched.told(),
    )
    return msgspec.msgpack.encode(task)


def outcome_of(data: bytes) -> Outcome:
    """What came back, read."""
    found = msgspec.msgpack.decode(data, type=RemoteOutcome)
    failure = found.failure
    return Outcome(
        outputs=found.outputs,
        encoded=found.encoded,
        facts=found.facts,
        edges=found.edges,
        usage=found.usage,
        log=found.log,
        failure=None if failure is None else StepFailure(**{name: getattr(failure, name) for name in _FAILURE}),
        warnings=found.warnings,
    )


_FAILURE = ("kind", "text", "classes", "where", "is_mistake", "shown", "trace")


class RemoteWorker:
    """Executes tasks in this process.

    Args:
        opener: How its side is opened.
    """

    def __init__(self, opener: Opener) -> None:
        self._side = opener.open()
        self._graphs: dict[str, Graph] = {}

    def perform(self, data: bytes, *, run: Callable[[Job, ValueShelf], Outcome] = execute) -> bytes:
        """Execute a task; whatever goes wrong is part of what is given back."""
        task = msgspec.msgpack.decode(data, type=RemoteTask)
        try:
            outcome = self._perform(task, run)
        except Exception as error:  # noqa: BLE001 - a file that cannot be loaded here is the step's failure
            outcome = Outcome(failure=StepFailure.of(error, Path(task.project_dir)))
        return outcome_bytes(outcome)

    def _perform(self, task: RemoteTask, run: Callable[[Job, ValueShelf], Outcome]) -> Outcome:
        graph = self._graph(task)
        with graph.scope.active():
            node = graph.node(task.base)
            if task.is_item:
                node = _item(node, task)
            shelf = ValueShelf(graph, (node,), self._side.artifacts, self._side.types)
            for name, ref in task.refs.items():
                shelf.place_one(task.links[name], ref)
            job = Job(
                node=node,
                base=task.base,
                context=self._context(task, graph),
                links=task.links,
                refs=task.refs,
                files={
                    name: tuple(ExternalFile(uri, Path(path) if path else None, digest) for uri, path, digest in files)
                    for name, files in task.files.items()
                },
                is_item=task.is_item,
                watched=task.watched,
            )
            return run(job, shelf)

    def _graph(self, task: RemoteTask) -> Graph:
        key = digest_json([task.origin, dict(task.params)])
        if key not in self._graphs:
            loaded = load_pipeline(task.origin)
            self._graphs[key] = loaded.bind(task.params, types=self._side.types)
        return self._graphs[key]

    def _context(self, task: RemoteTask, graph: Graph) -> StepContext:
        return StepContext(
            step=task.step,
            pipeline=graph.pipeline,
            pipeline_run_id=task.pipeline_run_id,
            step_run_id=task.step_run_id,
            clock=self._side.clock,
            params=graph.values,
            progress=SilentProgress(),
            project_dir=Path(task.project_dir),
            tracking_run_id=task.tracking_run_id,
            trigger=task.trigger,
            services=self._side.services,
        )


def _item(node: Node, task: RemoteTask) -> Node:
    """The item of a mapped step that a task means."""
    values = {name: value for name, value in node.values.items() if name not in node.mapped}
    own = {
        name: coerce(task.plain[name], node.spec.parameters[name].hint) for name in node.mapped if name in task.plain
    }
    return replace(
        node,
        name=task.step,
        links=task.links,
        values={**values, **own},
        plain=task.plain,
        gathered={name: count for name, count in node.gathered.items() if name not in node.mapped},
        mapped=(),
    )


def outcome_bytes(outcome: Outcome) -> bytes:
    """What is sent back."""
    failure = outcome.failure
    return msgspec.msgpack.encode(
        RemoteOutcome(
            outputs=outcome.outputs,
            encoded=None if outcome.encoded is None else list(outcome.encoded),
            facts=outcome.facts,
            edges=outcome.edges,
            usage=outcome.usage,
            log=outcome.log,
            failure=None if failure is None else RemoteFailure(**{name: getattr(failure, name) for name in _FAILURE}),
            warnings=outcome.warnings,
        ),
        enc_hook=str,
    )
