"""Models that runs have logged: what MLflow calls a logged model, before (or without) any registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.search import Condition, Field


class LoggedModelStatus(StrEnum):
    """Where a logged model stands."""

    UNSPECIFIED = "unspecified"  # never entered by clients that say what they mean
    PENDING = "pending"  # entered on creation; left when its files were uploaded, or could not be
    READY = "ready"  # its files are there
    FAILED = "failed"  # its files could not be uploaded


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedModelRecord:
    """A snapshot of a logged model.

    Attributes:
        id: `m-` and 32 hex digits.
        source_run_id: The run that logged it, as its client told; empty when it told none.
        artifact_location: The URI of its files.
        updated_at: When its status or lifecycle last changed; of a deleted one, when it was deleted.
        params: Immutable once written; values as text.
    """

    id: str
    experiment_id: ExperimentId
    name: str
    artifact_location: str
    created_at: datetime
    updated_at: datetime
    status: LoggedModelStatus = LoggedModelStatus.PENDING
    status_message: str | None = None
    model_type: str | None = None
    source_run_id: RunId | None = None
    lifecycle: Lifecycle = Lifecycle.ACTIVE
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredOn:
    """A dataset that metrics were measured on; of any digest when None."""

    name: str
    digest: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedModelOrder:
    """One key of a sort order; what has no value comes last.

    Attributes:
        field: An attribute or a metric; of a metric the latest point counts.
        dataset: Only points that were measured on it.
    """

    field: Field
    ascending: bool = True
    dataset: MeasuredOn | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedModelQuery:
    """Which logged models, in which order.

    Attributes:
        where: Attributes are `model_id`, `experiment_id`, `name`, `artifact_location`, `creation_timestamp_ms`,
            `last_updated_timestamp_ms`, `status`, `lifecycle_stage`, `model_type`, `source_run_id`, `status_message`.
        datasets: Metrics of `where` are looked for among points measured on one of these; without a metric there,
            only models that were measured on one of them.
        after: The token of the page before.
    """

    experiment_ids: tuple[ExperimentId, ...]
    where: Condition | None = None
    order: tuple[LoggedModelOrder, ...] = ()
    datasets: tuple[MeasuredOn, ...] = ()
    limit: int = 100
    after: str | None = None
