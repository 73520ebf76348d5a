"""Evaluation datasets, whose examples a generative model is asked and judged by, and the scorers that judge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from millwright.core.ids import ExperimentId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class SourceType(StrEnum):
    """Where an example comes from."""

    UNSPECIFIED = "UNSPECIFIED"  # nobody told
    TRACE = "TRACE"  # from a trace
    HUMAN = "HUMAN"  # a person wrote it
    DOCUMENT = "DOCUMENT"  # from a document
    CODE = "CODE"  # a program made it


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleSource:
    """Where an example comes from, exactly.

    Attributes:
        data: JSON values: `trace_id` of a trace, `source_id` of anything else.
    """

    type: SourceType
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationDatasetRecord:
    """A snapshot of an evaluation dataset, without its examples.

    Attributes:
        id: `d-` and 32 hex digits.
        name: Need not be unique.
        digest: Another one after each change of its examples; see `dataset_digest`.
        schema: Type names by field, of `inputs`, `outputs` and `expectations`; None before the first example.
        examples: How many it has.
        experiment_ids: Those that use it, sorted; some may be gone, or be yet to come.
        project: The project whose roles decide about it as long as no experiment uses it.
    """

    id: str
    name: str
    digest: str
    created_at: datetime
    updated_at: datetime
    created_by: str | None = None
    updated_by: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None
    examples: int = 0
    experiment_ids: tuple[ExperimentId, ...] = ()
    project: str = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleRecord:
    """A snapshot of an example: JSON values that go in, and what is known about what should come out.

    Attributes:
        id: `dr-` and 32 hex digits.
        inputs: What a dataset has once only.
        outputs: What came out; None when there is nothing.
        expectations: What was expected to come out; None when nobody said.
    """

    id: str
    dataset_id: str
    inputs: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    outputs: Any = None
    expectations: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
    source: ExampleSource | None = None
    created_by: str | None = None
    updated_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleDraft:
    """An example as somebody gives it, to be added or to be merged into the one with the same inputs.

    Attributes:
        has_outputs: Whether `outputs` was given, be it as None; without, outputs stay, and are `{}` in a new example.
        expectations: Added to those there are; the same with tags.
        source: Of a new example only.
        user: Who gives it.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Any = None
    has_outputs: bool = False
    expectations: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
    source: ExampleSource | None = None
    user: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """What became of drafts: so many are new, so many were merged into an example."""

    inserted: int = 0
    updated: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ScorerRecord:
    """A version of a scorer.

    Attributes:
        id: The same for all versions of one name in one experiment.
        version: Counted from 1.
        serialized: JSON as its client wrote it; never run here.
    """

    id: str
    experiment_id: ExperimentId
    name: str
    version: int
    serialized: str
    created_at: datetime


def dataset_digest(name: str, updated_at: datetime) -> str:
    """The digest of an evaluation dataset: eight hex digits of its name and of the millisecond of its last change."""
    milliseconds = (updated_at - _EPOCH) // _MILLISECOND
    return hashlib.sha256(f"{name}:{milliseconds}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
