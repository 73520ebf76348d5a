"""Assessments of traces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.ids import TraceId
    from millwright.core.records.assessment import AssessmentRecord


class AssessmentStore(ABC):
    """Assessments of traces; a trace that is deleted takes its own with it.

    Threads and processes may share it; what a call wrote is durable when it returns, or when the transaction that it
    is a part of ends.
    """

    @abstractmethod
    def create(self, record: AssessmentRecord) -> None:
        """Add an assessment; the one that it overrides is valid no longer.

        Raises:
            NotFoundError: There is no such trace, or the trace has no such assessment to override.
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def get(self, trace_id: TraceId, assessment_id: str) -> AssessmentRecord:
        """An assessment of a trace.

        Raises:
            NotFoundError: There is no such trace, or it has no such assessment.
        """

    @abstractmethod
    def update(self, record: AssessmentRecord) -> None:
        """Replace an assessment; of which trace it is, and what it overrides, stays.

        Raises:
            NotFoundError: There is no such trace, or it has no such assessment.
        """

    @abstractmethod
    def delete(self, trace_id: TraceId, assessment_id: str) -> None:
        """Remove an assessment, so that the one that it overrode is valid again; nothing when it is not there."""

    @abstractmethod
    def list_of(self, trace_ids: Sequence[TraceId]) -> Mapping[TraceId, Sequence[AssessmentRecord]]:
        """The assessments of some traces, the oldest first, then by id; a trace without any is left out."""
