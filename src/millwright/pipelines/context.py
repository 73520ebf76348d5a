"""What a step is told about its run, and what it can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from millwright.core.clock import Clock
from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.core.ids import PipelineRunId, RunId, StepRunId
from millwright.core.progress import Progress, SilentProgress
from millwright.core.records.audit import LineageEdge

T = TypeVar("T")


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
    """

    step: str
    pipeline: str
    pipeline_run_id: PipelineRunId
    step_run_id: StepRunId
    clock: Clock
    params: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress = field(default_factory=SilentProgress)
    project_dir: Path = field(default_factory=Path)
    tracking_run_id: RunId | None = None
    trigger: str = "user"
    services: Mapping[type, object] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    edges: list[LineageEdge] = field(default_factory=list)

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


def _json_value(value: Any) -> Any:
    from millwright.pipelines.serializers.plain import to_plain

    return to_plain(value, allow_nan=True)
