"""What a run read and what it made: datasets and logged models, as its client described them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from millwright.core.ids import ExperimentId


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetInput:
    """A dataset that a run read.

    Attributes:
        name: With the digest, what it is known by inside its experiment.
        source_type: The kind of `source`, such as "local" or "code".
        source: Where it came from, in the form of its kind.
        schema: Its columns in the form of its kind, if known.
        profile: Its figures in the form of its kind, if known.
        tags: Of this use; `mlflow.data.context` says what for (training, evaluation).
    """

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelInput:
    """A logged model that a run read."""

    model_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelOutput:
    """A logged model that a run made.

    Attributes:
        step: The position on the training axis at which it was made.
    """

    model_id: str
    step: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RunLinks:
    """Everything that a run read and made, in the order in which it was recorded."""

    datasets: tuple[DatasetInput, ...] = ()
    models: tuple[ModelInput, ...] = ()
    outputs: tuple[ModelOutput, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetSummary:
    """A dataset that runs of an experiment read.

    Attributes:
        context: What for, or None when no run said it.
    """

    experiment_id: ExperimentId
    name: str
    digest: str
    context: str | None = None
