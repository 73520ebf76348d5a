"""Registered models, their versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.errors import InvalidInputError
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


class ModelStage(StrEnum):
    """Where MLflow's clients say that a version stands; apart from our states, and without consequences here."""

    NONE = "None"  # entered on registration
    STAGING = "Staging"  # a client said so; left when one says otherwise
    PRODUCTION = "Production"  # likewise; also left when another version enters it with `archive_existing_versions`
    ARCHIVED = "Archived"  # likewise, or by the entry of another version


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredModelRecord:
    """A name under which versions are kept.

    Attributes:
        updated_at: When it last changed, or had a version added; None means `created_at`.
        project: Whose it is.
    """

    name: str
    created_at: datetime
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    updated_at: datetime | None = None
    project: str = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelVersionRecord:
    """One version of a registered model; only its state, stage, description, documents and tags change.

    Attributes:
        version: 1, 2, 3 … per name.
        package: Digest of the stored package (a ZIP archive; see `models.package`); None for a version that MLflow's
            clients registered, whose files are at `location`.
        size_bytes: Size of that archive.
        flavor: The library family: `sklearn`, `onnx`, ….
        signature: Input and output columns as JSON (see `models.signature`).
        datasets: The dataset versions trained on, as `name@version`.
        params: The winning hyperparameters and training settings, JSON values.
        metrics: Test metrics.
        compilation: What became of the compiled model: `{"status": "proven" | "refused", "reason": …, …}`.
        documents: Digest of each attached document, by name: `evaluation.json`, `gates.json`, `card.md`,
            `card.html`, `reference.parquet`, `environment.json`, ….
        source: What an MLflow client said it was made from: a URI; empty for our own.
        location: Where its files are: a URI; empty for our own, and when it is `source`.
        model_id: The logged model that it is of.
        run_link: Where a client said that its run can be seen.
        updated_at: When it last changed; None means `created_at`.
    """

    id: ModelVersionId
    name: str
    version: int
    state: ModelVersionState
    package: Digest | None
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
    source: str = ""
    location: str = ""
    description: str = ""
    stage: ModelStage = ModelStage.NONE
    run_link: str = ""
    model_id: str | None = None
    updated_at: datetime | None = None

    @property
    def ref(self) -> str:
        """How people write it: `schedule-delay@3`."""
        return f"{self.name}@{self.version}"

    def stored_package(self) -> Digest:
        """The package's digest.

        Raises:
            InvalidInputError: It has none: an MLflow client registered it.
        """
        if self.package is None:
            raise InvalidInputError(
                f"Expected a version with a package of Millwright's, found {self.ref}, which an MLflow client "
                f"registered from {self.location or self.source}.",
                hint=f"Load it with MLflow (models:/{self.name}/{self.version}), or register a packaged model: mw fit.",
            )
        return self.package


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
