"""What a step is told about its run, and what it can tell."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from millwright.core.clock import Clock
from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.core.ids import PipelineRunId, RunId, StepRunId
from millwright.core.progress import Progress, SilentProgress
from millwright.core.records.audit import LineageEdge
from millwright.core.temporary_folder import new_temporary_folder
from millwright.pipelines.secrets import Masks, Secrets

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunLog:
    """Where steps log metrics, parameters and files: functions that write to a tracked run, durably.

    Attributes:
        metrics: Takes the run, numbers by name, and the position on the training axis.
        params: Takes the run, and values by name.
        artifact: Takes the run, a local file, and the folder among the run's artifacts ("" is their root).
    """

    metrics: Callable[[RunId, Mapping[str, float], int], None]
    params: Callable[[RunId, Mapping[str, Any]], None]
    artifact: Callable[[RunId, Path, str], None]


@dataclass(kw_only=True, slots=True)
class StepContext:
    """Given to a step that has a parameter annotated `StepContext`; nothing of it is part of the cache key.

    Put the parameter first, and type-checkers know that callers leave it out.

    Attributes:
        step: The step's unique name in its graph.
        pipeline: The pipeline's name.
        pipeline_run_id: The run it is part of.
        step_run_id: This execution.
        clock: What time it is.
        params: The pipeline's parameters, as given and with defaults.
        progress: Shows long work.
        project_dir: The folder that relative paths are resolved against.
        tracking_run_id: The tracked run that the step's own runs belong under, if there is one.
        trigger: Who or what started the pipeline.
        services: What the workspace offers, by type; ask with `service`.
        facts: What was noted.
        edges: The lineage that was told.
        stop_asked: Says whether the run is being cancelled.
        secrets: Hands out secrets; those among the services, or the environment's.
    """

    step: str
    pipeline: str
    pipeline_run_id: PipelineRunId
    step_run_id: StepRunId
    clock: Clock = field(repr=False)
    params: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress = field(default_factory=SilentProgress, repr=False)
    project_dir: Path = field(default_factory=Path)
    tracking_run_id: RunId | None = None
    trigger: str = "user"
    services: Mapping[type, object] = field(default_factory=dict, repr=False)
    facts: dict[str, Any] = field(default_factory=dict, repr=False)
    edges: list[LineageEdge] = field(default_factory=list, repr=False)
    stop_asked: Callable[[], bool] = field(default=lambda: False, repr=False)
    secrets: Secrets = field(init=False, repr=False)
    _folder: Path | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        found = self.services.get(Secrets)
        self.secrets = found if isinstance(found, Secrets) else Secrets()

    def service(self, kind: type[T]) -> T:
        """One of the rooms' services, such as `DatasetCatalog`, by its type.

        Raises:
            ConfigurationError: The runner was given none of that type.
        """
        found = self.services.get(kind)
        if found is None:
            known = ", ".join(sorted(service.__name__ for service in self.services)) or "none"
            raise ConfigurationError(
                f"Step '{self.step}' asks for a {kind.__name__}, and this runner has: {known}.",
                hint="Run it through the workspace (mw run), or give the runner that service.",
            )
        return cast("T", found)

    def note(self, **facts: Any) -> None:
        """Facts for people, shown with the step: JSON values; a later note of the same name replaces the earlier."""
        for name, value in facts.items():
            try:
                self.facts[name] = _json_value(value)
            except (TypeError, ValueError) as error:
                raise InvalidInputError(
                    f"Step '{self.step}' noted {name}={value!r:.80}, which has no JSON form: {error}.",
                    hint="Note numbers, texts, and lists or dictionaries of them.",
                ) from error

    def lineage(self, *edges: LineageEdge) -> None:
        """Where something came from; written together with the step's completion, or not at all."""
        self.edges.extend(edges)

    def log_metric(self, key: str, value: float, step: int = 0) -> None:
        """One value of one metric; see `log_metrics`."""
        self.log_metrics({key: value}, step)

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Values of several metrics, in the tracked run of the pipeline run; the latest are facts of the step, too.

        Facts are kept with the step's result: a run that takes it from the cache shows them, and logs nothing. Without
        a tracked run they are all there is.

        Args:
            metrics: Numbers by name.
            step: The position on the training axis, ≥ 0.

        Raises:
            InvalidInputError: A name is empty or too long, a value is no number, or the step is negative.
        """
        numbers = {key: _number(self.step, key, value) for key, value in metrics.items()}
        log = self._run_log()
        if log is not None and self.tracking_run_id is not None:
            log.metrics(self.tracking_run_id, numbers, step)
        self.note(**numbers)

    def log_param(self, key: str, value: Any) -> None:
        """A parameter of what the step does, such as a learning rate: in the tracked run, and as a fact.

        Steps of one run share its parameters: each can be written once, and again with the same value.

        Raises:
            ConflictError: It was written with another value.
            InvalidInputError: The name is empty or too long.
        """
        shown = self.masks.mask_value(_json_value(value))
        log = self._run_log()
        if log is not None and self.tracking_run_id is not None:
            log.params(self.tracking_run_id, {key: shown})
        self.note(**{key: shown})

    def log_artifact(self, file: str | Path, folder: str = "") -> None:
        """Keep a file among the artifacts of the tracked run, under its own name.

        Args:
            file: The local file.
            folder: The folder among the artifacts; "" is their root.

        Raises:
            NotFoundError: There is no such file.
            InvalidInputError: It is a folder, or the name is not allowed.
            ConfigurationError: This runner tracks nothing.
        """
        log = self._run_log()
        if log is None or self.tracking_run_id is None:
            raise ConfigurationError(
                f"Step '{self.step}' logs the file '{Path(file).name}', and this run is not tracked.",
                hint="Run it through the workspace (mw run), or return the file from the step.",
            )
        log.artifact(self.tracking_run_id, Path(file), folder)

    @property
    def temp_dir(self) -> Path:
        """An empty folder for this execution, removed when the step ends; it is shared by its attempts."""
        if self._folder is None:
            self._folder = new_temporary_folder("step")
        return self._folder

    def secret(self, name: str) -> str:
        """A secret, from where `[secrets]` in the settings says: by default the environment variable of that name.

        It is no part of the cache key, and masked wherever something of the step is kept: in its log, facts, errors
        and events. What the step returns or writes to a file is stored as it is.

        Raises:
            InvalidInputError: It is no name.
            NotFoundError: There is no such secret, or it is empty.
        """
        return self.secrets.get(name)

    @property
    def masks(self) -> Masks:
        """Hides the secrets that were handed out."""
        return self.secrets.masks

    @property
    def cancelled(self) -> bool:
        """Whether somebody stops the run: long work looks now and then, and returns early."""
        return self.stop_asked()

    def close(self) -> None:
        """The execution has ended: its temporary folder is removed, and its secrets are masked in what it noted."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        if self.masks:
            masked = self.masks.mask_value(self.facts)
            self.facts.clear()
            self.facts.update(masked)
            self.edges[:] = [self.masks.mask_record(edge) for edge in self.edges]

    def _run_log(self) -> RunLog | None:
        found = self.services.get(RunLog)
        return found if isinstance(found, RunLog) else None


def _number(step: str, key: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"Step '{step}', metric '{key}': expected a number, found {value!r:.80}.") from error


def _json_value(value: Any) -> Any:
    from millwright.pipelines.serializers.plain import to_plain

    return to_plain(value, allow_nan=True)
