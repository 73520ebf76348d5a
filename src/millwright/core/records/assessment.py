"""Assessments of traces: what people, judges and code think of an answer, or expect of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from millwright.core.ids import TraceId


class AssessmentKind(StrEnum):
    """What an assessment says."""

    FEEDBACK = "feedback"  # how good the answer was
    EXPECTATION = "expectation"  # what the answer should have been
    ISSUE = "issue"  # which known problem it shows


@dataclass(frozen=True, kw_only=True, slots=True)
class AssessmentError:
    """Why a feedback could not be given."""

    code: str
    message: str | None = None
    stack_trace: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AssessmentRecord:
    """A snapshot of an assessment.

    Attributes:
        id: Unique among all assessments.
        value: JSON text.
        source_type: Who assessed: `HUMAN`, `LLM_JUDGE` or `CODE`.
        source_id: The person, the judge's model, or the code's name.
        span_id: The span that is meant; the whole trace when None.
        overrides: The id of the assessment that this one takes the place of.
        valid: Whether no other assessment takes its place.
    """

    id: str
    trace_id: TraceId
    name: str
    kind: AssessmentKind
    created_at: datetime
    updated_at: datetime
    value: str = "null"
    error: AssessmentError | None = None
    source_type: str = "SOURCE_TYPE_UNSPECIFIED"
    source_id: str | None = None
    span_id: str | None = None
    rationale: str | None = None
    overrides: str | None = None
    valid: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict)
