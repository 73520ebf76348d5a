"""Histories and summaries of metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.ids import RunId
    from millwright.core.records.run import MetricPoint, MetricSummary
    from millwright.core.records.search import Page

    RawPoint = tuple[float, int, int]


class MetricStore(ABC):
    """Metric points of runs; `RunStore.append_metrics` and `put_batch` write them."""

    @abstractmethod
    def history(
        self, run_id: RunId, key: str, *, limit: int | None = None, after: str | None = None
    ) -> Page[MetricPoint]:
        """A metric's points by step, then time, without model and dataset; empty when there are none.

        Args:
            run_id: The run.
            key: The metric's name.
            limit: How many at most; None for all.
            after: The token of the page before.

        Raises:
            NotFoundError: There is no such run.
            InvalidInputError: The token is not one of this history.
        """

    @abstractmethod
    def history_raw(
        self, run_id: RunId, key: str, *, limit: int | None = None, after: str | None = None
    ) -> Page[RawPoint]:
        """The same as tuples of value, milliseconds since 1970 and step; several times faster."""

    @abstractmethod
    def sampled(
        self,
        run_ids: Sequence[RunId],
        key: str,
        *,
        points: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> Mapping[RunId, list[MetricPoint]]:
        """About so many points of each run's metric, for a chart: the first, the last, and each stretch's extremes.

        All points come when there are no more than asked for. NaN counts as no extreme. Runs without the metric, and
        those that are not there, are left out.

        Args:
            run_ids: The runs.
            key: The metric's name.
            points: How many at most for each run, ≥ 4.
            start_step: Only from this step on.
            end_step: Only up to this step.
        """

    @abstractmethod
    def summaries(self, run_id: RunId) -> list[MetricSummary]:
        """A run's metrics by name.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def of_models(self, model_ids: Sequence[str]) -> Mapping[str, list[tuple[RunId, MetricPoint]]]:
        """Points that carry these models' ids, with the runs that logged them, by name, step and time."""
