"""Runs graphs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError, closest
from millwright.core.ids import PipelineRunId, StepRunId, new_id
from millwright.core.process import current_owner
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.check import definition_error, type_problems
from millwright.pipelines.runner.cancellation import Cancellation
from millwright.pipelines.runner.coordinator import Coordinator
from millwright.pipelines.runner.executors.inline import InlineExecutor
from millwright.pipelines.runner.executors.remote import Side
from millwright.pipelines.runner.forecast import forecast
from millwright.pipelines.runner.journal import Journal
from millwright.pipelines.runner.key import KeyMaker
from millwright.pipelines.runner.last import run_on_failure
from millwright.pipelines.runner.lease import LeaseKeeper
from millwright.pipelines.runner.limits import Limits
from millwright.pipelines.runner.mapped import item_nodes
from millwright.pipelines.runner.options import PipelineRunResult, RunnerSettings, RunOptions
from millwright.pipelines.runner.resumption import FINISHED, finished_steps, require_same_params
from millwright.pipelines.runner.run_parts import RunParts
from millwright.pipelines.runner.scheduler import Scheduler
from millwright.pipelines.runner.shelf import ValueShelf
from millwright.pipelines.serializers import ValueTypes
from millwright.storage.write_behind import WriteBehindArtifacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.progress import Progress
    from millwright.core.records.code import CodeRecord
    from millwright.pipelines.graph.node import Graph, Node
    from millwright.pipelines.runner.executors.base import Executor
    from millwright.pipelines.runner.options import StepForecast
    from millwright.storage.catalog import Stores


class PipelineRunner:
    """Executes graphs; safe to use from several threads and processes at once.

    Args:
        stores: Records, leases and artifacts.
        clock: The time.
        events: Where `pipeline.*` and `step.*` events go.
        services: What steps can ask their context for, by type.
        progress: Shows long work.
        types: Serializers and conversions; the built-in ones when None.
        settings: How graphs are executed.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        services: Mapping[type, object],
        progress: Progress,
        types: ValueTypes | None = None,
        settings: RunnerSettings | None = None,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._services = services
        self._progress = progress
        self._settings = settings or RunnerSettings()
        self.types = types or ValueTypes()

    def run(
        self,
        graph: Graph,
        *,
        code: CodeRecord,
        project_dir: Path,
        options: RunOptions | None = None,
        artifacts: WriteBehindArtifacts | None = None,
    ) -> PipelineRunResult:
        """Run a graph to its end.

        Args:
            graph: What `Pipeline.bind` gave.
            code: Which code it is, for the record.
            project_dir: Where relative paths of external files begin.
            options: How.
            artifacts: Where the code has just been put, if it may not be durable yet: values go there, too.

        Raises:
            PipelineDefinitionError: Types don't fit, or values cannot be stored; nothing was recorded.
            NotFoundError: An external file is not there, or the run to resume; nothing was recorded.
            InvalidInputError: The options name a step that is not in the graph, or a run to resume that was one of
                another pipeline or had other parameters; nothing was recorded.
            MillwrightError: A step refused its input, as it raised it; `details["step"]` names the step.
            StepFailedError: A step's code raised something else.
        """
        options = self._filled(options or RunOptions(), graph)
        with graph.scope.active(), ExitStack() as stack:
            nodes = self._checked(graph, options)
            keys = self._keys(nodes, options, project_dir)
            self._warn(keys)
            run, known = self._record(graph, code, options)
            if artifacts is None:
                artifacts = stack.enter_context(WriteBehindArtifacts(self._stores.artifacts))
            journal = Journal(self._stores, self._clock, self._events, options.on_step, artifacts.flush)
            shelf = ValueShelf(graph, nodes, artifacts, self.types)
            leases = stack.enter_context(
                LeaseKeeper(self._stores.leases, self._clock, run.id, self._settings.lease_ttl)
            )
            limits = Limits(self._settings.limits, leases)
            limits.check(nodes)
            journal.begin(run, is_new=known is None)
            cancellation = stack.enter_context(Cancellation(self._stores.pipelines, run.id))
            parts = RunParts(
                graph=graph,
                options=options,
                pipelines=self._stores.pipelines,
                clock=self._clock,
                progress=self._progress,
                services=self._services,
                project_dir=project_dir,
                keys=keys,
                shelf=shelf,
                leases=leases,
                journal=journal,
                ignored=self._settings.ignored,
                stop_asked=lambda: bool(cancellation.by),
            )
            made: dict[str, Executor] = {}

            def executor(name: str) -> Executor:
                if name not in made:
                    made[name] = self._executor(name, parts)
                    stack.callback(made[name].close)
                return made[name]

            scheduler = Scheduler(
                nodes,
                Coordinator(run.id, parts, known or {}),
                parts,
                executors=executor,
                limits=limits,
                cancellation=cancellation,
            )
            self._perform(scheduler, parts, cancellation)
        return self._result(graph, journal, shelf)

    def side(self) -> Side:
        """What steps need that are executed in another process, which opened this runner for them."""
        return Side(artifacts=self._stores.artifacts, types=self.types, services=self._services, clock=self._clock)

    def explain(self, graph: Graph, *, project_dir: Path, options: RunOptions | None = None) -> list[StepForecast]:
        """What would become of each step if the graph were run now; nothing is executed or recorded.

        Raises:
            The same errors as `run` raises before its first step.
        """
        options = self._filled(options or RunOptions(), graph)
        with graph.scope.active():
            nodes = self._checked(graph, options)
            keys = self._keys(nodes, options, project_dir)
            shelf = ValueShelf(graph, nodes, self._stores.artifacts, self.types)

            def context(node: Node) -> StepContext:
                return StepContext(
                    step=node.name,
                    pipeline=graph.pipeline,
                    pipeline_run_id=PipelineRunId(""),
                    step_run_id=StepRunId(""),
                    clock=self._clock,
                    params=graph.values,
                    project_dir=project_dir,
                    services=self._services,
                )

            return forecast(
                nodes,
                options,
                keys=keys,
                shelf=shelf,
                pipelines=self._stores.pipelines,
                context=context,
                items=item_nodes,
            )

    def _checked(self, graph: Graph, options: RunOptions) -> tuple[Node, ...]:
        problems = [] if graph.is_checked else type_problems(graph, self.types)
        if problems:
            raise definition_error(graph.pipeline, problems)
        known = {node.name for node in graph.nodes}
        for name in (*options.force, *options.pinned):
            if name not in known:
                hint = closest(name, known)
                raise InvalidInputError(f"Pipeline '{graph.pipeline}' has no step '{name}'.", hint=hint)
        return graph.until(options.until)

    def _keys(self, nodes: Sequence[Node], options: RunOptions, project_dir: Path) -> KeyMaker:
        keys = KeyMaker(nodes, self.types, project_dir)
        keys.check_files(node for node in nodes if node.name not in options.pinned)
        return keys

    def _warn(self, keys: KeyMaker) -> None:
        told: dict[str, list[str]] = {}
        for step, found in keys.fingerprints.items():
            for text in found.warnings:
                told.setdefault(text, []).append(step)
        for text, steps in told.items():
            more = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
            self._progress.say(f"Not seen by the cache (step '{steps[0]}'{more}): {text}.")

    def _record(
        self, graph: Graph, code: CodeRecord, options: RunOptions
    ) -> tuple[PipelineRunRecord, dict[str, StepRunRecord] | None]:
        """The run's record, and its finished steps when it was begun before; None for them when it is new."""
        run_id = options.run_id or PipelineRunId(new_id())
        record = PipelineRunRecord(
            id=run_id,
            pipeline=graph.pipeline,
            status=PipelineRunStatus.RUNNING,
            started_at=self._clock.now(),
            code=code,
            owner=current_owner(),
            trigger=options.trigger,
            params=graph.params,
            tracking_run_id=options.tracking_run_id,
            resumes=options.resumes,
        )
        if options.run_id is None:
            return record, None
        try:
            begun = self._stores.pipelines.get_pipeline_run(run_id)
        except NotFoundError:
            return record, None
        steps = {step.step: step for step in self._stores.pipelines.list_step_runs(run_id) if step.status in FINISHED}
        return replace(record, started_at=begun.started_at, attempt=begun.attempt + 1), steps

    def _filled(self, options: RunOptions, graph: Graph) -> RunOptions:
        """With the runner's defaults, and with the finished steps of the run that is resumed."""
        options = replace(
            options,
            executor=options.executor or self._settings.executor,
            max_parallel=options.max_parallel or self._settings.max_parallel,
        )
        if options.resumes is None:
            return options
        require_same_params(self._stores.pipelines.get_pipeline_run(options.resumes), graph)
        return replace(options, resumed=finished_steps(self._stores.pipelines, options))

    def _executor(self, name: str, parts: RunParts) -> Executor:
        if name == InlineExecutor.name:
            return InlineExecutor(parts.shelf, self._progress.say)
        maker: Callable[[RunParts], Executor] | None = self._settings.executors.get(name)
        if maker is None:
            known = ", ".join([InlineExecutor.name, *self._settings.executors])
            raise ConfigurationError(f"There is no executor '{name}' here.", hint=f"There are: {known}.")
        return maker(parts)

    def _perform(self, scheduler: Scheduler, parts: RunParts, cancellation: Cancellation) -> None:
        journal = parts.journal
        try:
            scheduler.run()
            if scheduler.failed is None:
                journal.finish(parts.options.on_completed)
                return
        except BaseException as error:
            if journal.run is not None and journal.run.status is PipelineRunStatus.RUNNING:
                stopped = isinstance(error, KeyboardInterrupt)
                status = PipelineRunStatus.CANCELLED if stopped else PipelineRunStatus.FAILED
                text = cancellation.reason or ("stopped by the user" if stopped else f"{type(error).__name__}: {error}")
                journal.abort(status, text)
            if cancellation.by:
                parts.progress.say(f"The run was cancelled by {cancellation.by}.")
            raise
        pending, failure = scheduler.failed
        run_on_failure(parts, step=pending.node.name, error=failure.text)
        failure.raise_(pending.node.name)

    def _result(self, graph: Graph, journal: Journal, shelf: ValueShelf) -> PipelineRunResult:
        def load(record: StepRunRecord, index: int) -> Any:
            hint = graph.node(record.step).spec.outputs[index].hint
            with graph.scope.active():
                return shelf.load(record.outputs[index], stored=hint, wanted=hint)

        if journal.run is None:
            raise AssertionError("a run that ended was begun")
        return PipelineRunResult(record=journal.run, steps=journal.steps, load=load)
