"""Traces of calls: what was asked of a program, what it answered, and the spans of the work between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from millwright.core.ids import ExperimentId, TraceId


class TraceState(StrEnum):
    """Where a trace stands."""

    UNSPECIFIED = "unspecified"  # entered by clients that do not say
    IN_PROGRESS = "in_progress"  # entered at the start; left when the root span ends
    OK = "ok"  # entered when the root span ends without an error
    ERROR = "error"  # entered when the root span ends with an error


class TraceLink(StrEnum):
    """What a trace can be linked with."""

    RUN = "run"
    PROMPT = "prompt"  # a version of a prompt


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanRecord:
    """One piece of work of a trace.

    Attributes:
        id: Unique in its trace.
        start_ns: Nanoseconds since 1970.
        end_ns: Likewise; None while it runs.
        parent_id: None for the root.
        content: The whole span as JSON text, as its client wrote it.
        type: What kind of work it is: `LLM`, `TOOL`, …
        model: The language model that it called.
        provider: Who runs that model.
        input_cost: US dollars for what was asked; None when unknown, as for the other two.
        output_cost: US dollars for what was answered.
        total_cost: US dollars.
    """

    id: str
    name: str
    start_ns: int
    end_ns: int | None = None
    parent_id: str | None = None
    status: str = ""
    content: str = "{}"
    type: str | None = None
    model: str | None = None
    provider: str | None = None
    input_cost: float | None = None
    output_cost: float | None = None
    total_cost: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceRecord:
    """A trace without its spans.

    Attributes:
        duration_ms: None while it is in progress.
        request_preview: The beginning of what was asked.
        response_preview: The beginning of what was answered.
        client_request_id: The caller's own name of the request; need not be unique.
        metadata: Facts that are written once.
        tags: Facts that may change.
    """

    id: TraceId
    experiment_id: ExperimentId
    state: TraceState
    requested_at: datetime
    duration_ms: int | None = None
    request_preview: str | None = None
    response_preview: str | None = None
    client_request_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
