"""Traces and their spans."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from millwright.core.ids import ExperimentId, TraceId
    from millwright.core.records.search import Page, Query
    from millwright.core.records.trace import SpanRecord, TraceLink, TraceRecord


class TraceStore(ABC):
    """Traces and their spans."""

    @abstractmethod
    def put(self, record: TraceRecord) -> None:
        """Write a trace, replacing the one of that id with its metadata and tags; its spans stay."""

    @abstractmethod
    def get(self, trace_id: TraceId) -> TraceRecord:
        """The trace of that id.

        Raises:
            NotFoundError: There is none.
        """

    @abstractmethod
    def list_traces(
        self, experiment_ids: Sequence[ExperimentId], *, limit: int, after: TraceRecord | None = None
    ) -> list[TraceRecord]:
        """Traces of some experiments, newest first; of equal times the greater id first.

        Args:
            experiment_ids: Where to look; none of them gives no traces.
            limit: Most to give.
            after: The last one of the page before.
        """

    @abstractmethod
    def put_tags(self, trace_id: TraceId, tags: Mapping[str, str]) -> None:
        """Set tags, replacing those of the same keys.

        Raises:
            NotFoundError: There is no such trace.
        """

    @abstractmethod
    def delete_tag(self, trace_id: TraceId, key: str) -> None:
        """Remove a tag.

        Raises:
            NotFoundError: There is no such trace, or it has no such tag.
        """

    @abstractmethod
    def put_spans(self, trace_id: TraceId, spans: Sequence[SpanRecord]) -> None:
        """Write spans, replacing those of the same ids.

        Raises:
            NotFoundError: There is no such trace.
        """

    @abstractmethod
    def list_spans(self, trace_id: TraceId) -> list[SpanRecord]:
        """The spans of a trace, by start, then id; empty when there is no such trace."""

    @abstractmethod
    def search(self, query: Query, *, experiment_ids: Sequence[ExperimentId]) -> Page[TraceRecord]:
        """A page of traces that fit; the newest first where the order leaves a choice, then by id.

        Attributes are `request_id`, `experiment_id`, `status`, `client_request_id`, `request`, `response`,
        `timestamp_ms`, `execution_time_ms`, `end_time_ms` and `prompt` (`name/version`, with `=` only). Conditions on
        spans that must all be true have to be true of one span. The metadata `mlflow.sourceRun` also equals the id
        of a run that the trace is linked to.

        Args:
            query: What is asked.
            experiment_ids: Where to look; none of them gives no traces.

        Raises:
            InvalidInputError: The token is not of this query, or a field is not one that can be searched.
        """

    @abstractmethod
    def put_links(self, kind: TraceLink, links: Iterable[tuple[TraceId, str]]) -> None:
        """Link traces with what they belong to; again is fine, and so are traces that are not there yet.

        Args:
            kind: What they belong to.
            links: Of each the trace and the other's name: a run's id, or `name/version` of a prompt.
        """

    @abstractmethod
    def delete_until(self, experiment_id: ExperimentId, until: datetime, *, limit: int | None = None) -> int:
        """Remove an experiment's traces up to a moment, the oldest first.

        Args:
            experiment_id: Whose.
            until: The last moment that goes.
            limit: How many at most.

        Returns:
            How many there were.
        """

    @abstractmethod
    def delete(self, trace_ids: Sequence[TraceId]) -> int:
        """Remove traces for good, with their spans, tags, links and assessments.

        Returns:
            How many there were.
        """
