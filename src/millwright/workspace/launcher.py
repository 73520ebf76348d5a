"""Runs pipelines from files: loads them, keeps their code, tracks them; and trains recorded versions again."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.records.audit import NodeKind
from millwright.pipelines.runner import RunOptions
from millwright.pipelines.runner.resumption import require_same_params, resumed_params
from millwright.pipelines.source import load_pipeline, restore_code, snapshot_code
from millwright.storage.write_behind import WriteBehindArtifacts
from millwright.tracking.tracker import RunStart
from millwright.workspace.interruption import close_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.pipelines.graph.node import Graph
    from millwright.pipelines.pipeline import Pipeline
    from millwright.pipelines.runner import PipelineRunner, PipelineRunResult, StepForecast
    from millwright.storage.catalog import Stores
    from millwright.tracking.tracker import Tracker


_NEEDED = ("transactions", "experiments", "runs", "pipelines", "leases", "lineage", "artifacts")


class Launcher:
    """Runs pipelines in this process.

    Args:
        stores: Where runs and code are kept.
        runner: Executes graphs.
        tracker: Gives each pipeline run a tracked run that its trials are nested under.
        clock: The time.
        on_step: Told of each step of runs that `launch` starts.
        events: Who is told of runs that are found to have died.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        runner: PipelineRunner,
        tracker: Tracker,
        clock: Clock,
        on_step: Callable[[StepRunRecord], None] | None = None,
        events: EventBus | None = None,
    ) -> None:
        self._stores, self._runner, self._tracker, self._clock = stores, runner, tracker, clock
        self._on_step, self._events = on_step, events
        for name in _NEEDED:  # their modules are loaded now, and not between the first step and the second
            getattr(stores, name)

    def watched(self, on_step: Callable[[StepRunRecord], None] | None) -> Launcher:
        """The same launcher, with a listener for the steps of launched runs."""
        return Launcher(
            stores=self._stores,
            runner=self._runner,
            tracker=self._tracker,
            clock=self._clock,
            on_step=on_step,
            events=self._events,
        )

    def load(self, pipeline: str) -> Pipeline:
        """A pipeline from `file.py` or `file.py:name`.

        Raises:
            NotFoundError: No such file or pipeline.
            PipelineDefinitionError: The file raises while it is loaded.
        """
        return load_pipeline(pipeline)

    def bind(self, loaded: Pipeline, params: Mapping[str, Any], options: RunOptions) -> Graph:
        """The graph of a pipeline for some parameters; for those of the run that the options resume, if they do.

        Raises:
            InvalidInputError: A parameter is wrong, or not what it was in the run that is resumed.
            NotFoundError: The run to resume is not there.
            PipelineDefinitionError: The definition is wrong.
        """
        if options.resumes is None:
            return loaded.bind(params, types=self._runner.types)
        failed = self._stores.pipelines.get_pipeline_run(options.resumes)
        known = loaded.parameter_names
        graph = loaded.bind(resumed_params(failed, loaded.name, params, known), types=self._runner.types)
        require_same_params(failed, graph)
        return graph

    def run(self, pipeline: str, params: Mapping[str, Any], options: RunOptions) -> PipelineRunResult:
        """Run a pipeline to its end; steps whose inputs and code did not change are not executed again.

        A run that resumes another has that one's parameters; they need not be given, and may not be given otherwise.

        Raises:
            MillwrightError: A step or the definition is wrong; finished steps stay finished.
        """
        close_interrupted(self._stores, self._clock, self._events)
        loaded = self.load(pipeline)
        graph = self.bind(loaded, params, options)
        file = loaded.source_file
        with WriteBehindArtifacts(self._stores.artifacts) as artifacts:
            code = snapshot_code(file, loaded.function.__name__, artifacts)
            start = RunStart(
                params={key: str(value) for key, value in graph.params.items()},
                tags={"trigger": options.trigger, "code": code.source_digest},
            )
            # What its steps give waits for the disk, on behalf of this as well.
            with self._stores.transactions.transaction(durable=False):
                tracked = self._tracker.start_run(loaded.name, name=loaded.name, options=start)

            def finish() -> None:
                with suppress(StateTransitionError, NotFoundError):  # somebody else has: said at the end
                    tracked.finish()

            with tracked:
                filled = replace(options, tracking_run_id=tracked.id, on_completed=finish)
                return self._runner.run(graph, code=code, project_dir=file.parent, options=filled, artifacts=artifacts)

    def explain(self, pipeline: str, params: Mapping[str, Any], options: RunOptions) -> list[StepForecast]:
        """Which steps `run` would execute now, and why; nothing is executed or recorded.

        Raises:
            MillwrightError: The definition is wrong, or a file that a step reads is not there.
        """
        loaded = self.load(pipeline)
        graph = self.bind(loaded, params, options)
        return self._runner.explain(graph, project_dir=loaded.source_file.parent, options=options)

    def launch(self, pipeline: str, params: Mapping[str, Any], trigger: str) -> PipelineRunRecord:
        """Run a pipeline because of a trigger; fits automation's `PipelineLauncher`."""
        return self.run(pipeline, params, RunOptions(trigger=trigger, on_step=self._on_step)).record

    def retrain(self, version: ModelVersionRecord) -> bytes:
        """Train a version again from its record: its code, its parameters, its data; nothing is taken from the cache.

        Files that are not kept with the code are not needed: what the steps that read them gave is taken, such as the
        dataset version that a source became.

        Returns:
            The bytes of the package that came out.

        Raises:
            NotFoundError: The record lacks the run, the code, or the step that packaged the model.
        """
        if version.pipeline_run_id is None:
            raise NotFoundError(f"{version.ref} was not made by a pipeline run, so there is no record to train from.")
        run = self._stores.pipelines.get_pipeline_run(version.pipeline_run_id)
        steps = self._stores.pipelines.list_step_runs(run.id)
        packed = next((s for s in steps if any(output.digest == version.package for output in s.outputs)), None)
        if packed is None:
            raise NotFoundError(f"No step of run {run.id} gave the package of {version.ref}.")
        trigger = f"reproduce:{version.ref}"
        start = RunStart(params={key: str(value) for key, value in run.params.items()}, tags={"trigger": trigger})
        with tempfile.TemporaryDirectory(prefix="millwright-reproduce-") as folder:
            entry = restore_code(run.code, self._stores.artifacts, Path(folder))
            loaded = load_pipeline(f"{entry}:{run.code.entrypoint.rpartition(':')[2]}")
            graph = loaded.bind(run.params, types=self._runner.types)
            with self._tracker.start_run(loaded.name, name=f"{loaded.name} (again)", options=start) as tracked:
                options = RunOptions(
                    trigger=trigger,
                    use_cache=False,
                    until=packed.step,
                    pinned=self._outside(steps, graph, packed.step, entry.parent),
                    on_step=self._on_step,
                    tracking_run_id=tracked.id,
                )
                result = self._runner.run(graph, code=run.code, project_dir=entry.parent, options=options)
        return self._stores.artifacts.get(result.step(packed.step).outputs[0].digest)

    def _outside(
        self, steps: list[StepRunRecord], graph: Graph, packed: str, project_dir: Path
    ) -> dict[str, StepRunRecord]:
        """The recorded results of steps that read files which the kept code lacks: those may be gone or changed."""
        in_graph = {node.name for node in graph.nodes} - {packed}
        return {
            step.step: step
            for step in steps
            if step.step in in_graph and any(not _is_kept(uri, project_dir) for uri in self._sources(step))
        }

    def _sources(self, step: StepRunRecord) -> list[str]:
        edges = self._stores.lineage.upstream(NodeKind.STEP_RUN, step.cached_from or step.id)
        return [edge.source_id.rpartition("#")[0] for edge in edges if edge.source_kind is NodeKind.SOURCE]


def _is_kept(uri: str, project_dir: Path) -> bool:
    path = (project_dir / uri).resolve()
    return path.is_file() and path.is_relative_to(project_dir.resolve())
