"""Numbers over many traces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.ids import ExperimentId
    from millwright.core.records.search import Condition
    from millwright.core.records.trace_metric import TraceCounts, TraceMetricGroup, TraceMetricQuery


class TraceMetricStore(ABC):
    """Counts and sums up traces, their spans and assessments, where they are kept. Only reads."""

    @abstractmethod
    def query(self, query: TraceMetricQuery) -> list[TraceMetricGroup]:
        """Numbers of groups, by time, then by the dimensions.

        Costs of spans count at the time of the span, all else at the time of the trace; intervals of spans go by the
        time of the span.

        Raises:
            InvalidInputError: The view has no such metric, dimension or condition.
        """

    @abstractmethod
    def count(
        self,
        experiment_ids: Sequence[ExperimentId],
        first: Condition | None,
        second: Condition | None,
        base: Condition | None = None,
    ) -> TraceCounts:
        """How many traces fit conditions, alone and together.

        Args:
            experiment_ids: Where to look.
            first: A condition; None fits all.
            second: Another one.
            base: What a trace must be to be counted at all.

        Raises:
            InvalidInputError: A condition is about something that traces do not have.
        """
