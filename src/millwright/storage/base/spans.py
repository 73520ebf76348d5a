"""Spans as they arrive: many at once, of many traces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.ids import TraceId
    from millwright.core.records.trace import SpanRecord, TraceRecord


class SpanStore(ABC):
    """Takes spans in with the traces that they belong to, and gives them back.

    Threads and processes may share it; what a call wrote is durable when it returns, or when the transaction that it
    is a part of ends.
    """

    @abstractmethod
    def find_traces(self, trace_ids: Sequence[TraceId], *, lock: bool = False) -> dict[TraceId, TraceRecord]:
        """Those of the traces that there are.

        Args:
            trace_ids: Which ones.
            lock: Inside a transaction: nobody else changes them until its end.
        """

    @abstractmethod
    def put(self, traces: Sequence[TraceRecord], spans: Mapping[TraceId, Sequence[SpanRecord]]) -> None:
        """Write traces and spans.

        A trace replaces the one of its id, but for tags and metadata, which are added to those that are there;
        a span replaces the one of its trace and id.

        Args:
            traces: Each at most once.
            spans: By trace; of two of the same id the last one stays.

        Raises:
            NotFoundError: A span is of a trace that is neither given nor there.
        """

    @abstractmethod
    def list_spans(self, trace_ids: Sequence[TraceId]) -> dict[TraceId, list[SpanRecord]]:
        """The spans of several traces, each's by start, then id; a trace without spans is left out."""
