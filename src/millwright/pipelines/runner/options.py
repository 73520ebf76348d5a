"""What can be asked of a run, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from millwright.core.errors import InvalidInputError, closest
from millwright.core.ids import Digest, PipelineRunId, RunId, StepRunId
from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """How a graph is run.

    Attributes:
        trigger: Who or what started it: `user:name`, `alert:<id>`, ….
        use_cache: Whether earlier results are taken; new ones are kept in any case.
        force: Steps that are executed whatever is kept.
        until: The last step wanted; only it and what it needs are run.
        pinned: Steps whose recorded outputs are taken in place of executing them, whatever their key is.
        on_step: Told each step's record when it starts and when it ends.
        on_completed: Called when every step is done, in the transaction that says so.
        tracking_run_id: The tracked run that the steps' own runs belong under.
        executor: What executes steps that do not say themselves: `inline`, `processes` or `ray`; what the runner says
            when empty.
        max_parallel: How many steps are executed at once at most; None for what the pipeline and the executor say.
        run_id: The run to go on with: its record is there already, and its finished steps are not executed again; an
            id that is not recorded becomes the new run's.
        resumes: The failed run to go on from, with its parameters: its finished steps are taken, those that are never
            cached included, where nothing that they depend on has changed since.
        resumed: Those steps, by name; filled in by the runner.
        strict: Whether a step that reads what its key does not see fails.
    """

    trigger: str = "user"
    use_cache: bool = True
    force: frozenset[str] = frozenset()
    until: str | None = None
    pinned: Mapping[str, StepRunRecord] = field(default_factory=dict)
    on_step: Callable[[StepRunRecord], None] | None = None
    on_completed: Callable[[], None] = lambda: None
    tracking_run_id: RunId | None = None
    executor: str = ""
    max_parallel: int | None = None
    run_id: PipelineRunId | None = None
    resumes: PipelineRunId | None = None
    resumed: Mapping[str, StepRunRecord] = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RunnerSettings:
    """How a runner executes graphs, unless a run's options or a step say otherwise.

    Attributes:
        lease_ttl: How long after its last sign of life another run takes over a step.
        executor: What executes steps: `inline`, `processes` or `ray`.
        executors: Makes executors other than `inline`, by name, from what the steps of a run share.
        max_parallel: How many steps of a run are executed at once at most.
        limits: Resource → how many steps of all runs may use it at once.
        ignored: Folders whose files are nobody's input, such as the stores'.
    """

    lease_ttl: timedelta = timedelta(seconds=30)
    executor: str = "inline"
    executors: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    max_parallel: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineRunResult:
    """A finished run.

    Attributes:
        record: The run.
        steps: Its steps, in the order they were run.
        load: Reads an output of one of them.
    """

    record: PipelineRunRecord
    steps: tuple[StepRunRecord, ...]
    load: Callable[[StepRunRecord, int], Any]

    def step(self, name: str) -> StepRunRecord:
        """The record of a step.

        Raises:
            InvalidInputError: The run has no such step.
        """
        found = next((record for record in self.steps if record.step == name), None)
        if found is None:
            hint = closest(name, [record.step for record in self.steps])
            raise InvalidInputError(f"The run of '{self.record.pipeline}' has no step '{name}'.", hint=hint)
        return found

    def value(self, step_name: str, index: int = 0) -> Any:
        """An output of a step, read from the store; `index` counts those of a step that returned a tuple.

        Raises:
            InvalidInputError: There is no such step or output.
        """
        record = self.step(step_name)
        if not 0 <= index < len(record.outputs):
            raise InvalidInputError(f"Step '{step_name}' has {len(record.outputs)} outputs, none at {index}.")
        return self.load(record, index)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepForecast:
    """What would become of a step if the graph were run now.

    Attributes:
        step: Its name in the graph.
        cached: True when a result would be taken, False when it would be executed, None when that depends on what an
            earlier step gives, and of a step that would be skipped.
        reason: One sentence for people.
        skipped: Whether it is known to be skipped: a condition does not hold, or what it needs would be skipped.
        cache_key: What it would be looked up by; None when it is not known or caching is off.
        cached_from: The step run whose result would be taken.
    """

    step: str
    cached: bool | None
    reason: str
    skipped: bool = False
    cache_key: Digest | None = None
    cached_from: StepRunId | None = None
