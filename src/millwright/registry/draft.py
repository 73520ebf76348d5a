"""What is to become a model version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from millwright.core.ids import Digest, PipelineRunId, RunId, StepRunId
from millwright.core.records.code import CodeRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionDraft:
    """A packaged model with the evidence about it; the fields are those of `ModelVersionRecord`.

    Attributes:
        package: Digest of the package, which is stored already.
        size_bytes: Size of the package.
        documents: Digest of each stored document, by name.
    """

    name: str
    package: Digest
    size_bytes: int
    flavor: str
    signature: Mapping[str, Any]
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
