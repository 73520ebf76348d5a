"""Registered models, their versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import Digest, ModelVersionId, PipelineRunId, RunId, StepRunId
from millwright.core.records.code import CodeRecord


class ModelVersionState(StrEnum):
    """Where a model version stands."""

    CANDIDATE = "candidate"  # entered on registration; left when a gate or a person decides
    APPROVED = "approved"  # the gates passed and the policy agreed: it may carry an alias
    REJECTED = "rejected"  # a gate failed or a person refused; a person may approve it later, with a reason
    ARCHIVED = "archived"  # no longer of use; kept for the record; final


MODEL_VERSION_TRANSITIONS: Mapping[ModelVersionState, frozenset[ModelVersionState]] = {
    ModelVersionState.CANDIDATE: frozenset(
        {ModelVersionState.APPROVED, ModelVersionState.REJECTED, ModelVersionState.ARCHIVED}
    ),
    ModelVersionState.APPROVED: frozenset({ModelVersionState.REJECTED, ModelVersionState.ARCHIVED}),
    ModelVersionState.REJECTED: frozenset({ModelVersionState.APPROVED, ModelVersionState.ARCHIVED}),
    ModelVersionState.ARCHIVED: frozenset(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredModelRecord:
    """A name under which versions are kept."""

    name: str
    created_at: datetime
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelVersionRecord:
    """One version of a registered model; only its state, documents and tags change.

    Attributes:
        version: 1, 2, 3 … per name.
        package: Digest of the stored package (a ZIP archive; see `models.package`).
        size_bytes: Size of that archive.
        flavor: The library family: `sklearn`, `onnx`, ….
        signature: Input and output columns as JSON (see `models.signature`).
        datasets: The dataset versions trained on, as `name@version`.
        params: The winning hyperparameters and training settings, JSON values.
        metrics: Test metrics.
        compilation: What became of the compiled model: `{"status": "proven" | "refused", "reason": …, …}`.
        documents: Digest of each attached document, by name: `evaluation.json`, `gates.json`, `card.md`,
            `card.html`, `reference.parquet`, `environment.json`, ….
    """

    id: ModelVersionId
    name: str
    version: int
    state: ModelVersionState
    package: Digest
    size_bytes: int
    flavor: str
    signature: Mapping[str, Any]
    created_at: datetime
    created_by: str
    run_id: RunId | None = None
    pipeline_run_id: PipelineRunId | None = None
    step_run_id: StepRunId | None = None
    code: CodeRecord | None = None
    datasets: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    compilation: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, Digest] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """How people write it: `schedule-delay@3`."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class AliasRecord:
    """A movable name for one version of a model, such as `champion`."""

    name: str
    alias: str
    version: int
    set_at: datetime
    set_by: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalRecord:
    """A person's (or policy's) decision on a version."""

    name: str
    version: int
    actor: str
    approved: bool
    reason: str
    at: datetime
