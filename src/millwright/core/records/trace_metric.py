"""Numbers over many traces: how many, how long, how many tokens, at what cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from millwright.core.ids import ExperimentId
from millwright.core.records.search import Condition


class TraceView(StrEnum):
    """What is counted."""

    TRACES = "traces"
    SPANS = "spans"
    ASSESSMENTS = "assessments"


class Aggregate(StrEnum):
    """What becomes of the values of a group."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    PERCENTILE = "percentile"  # interpolated between the two nearest values
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceMetricQuery:
    """What is asked.

    Attributes:
        experiment_ids: Where to look.
        view: What is counted.
        metric: Of traces `trace_count`, `session_count`, `latency` (milliseconds) and the token counts; of spans
            `span_count`, `latency`, `input_cost`, `output_cost`, `total_cost`; of assessments `assessment_count` and
            `assessment_value`.
        aggregates: What becomes of the values; with a percentile, which one (0 to 100).
        dimensions: What groups go by, in this order; what has no value for one of them is left out.
        where: What the traces must be.
        also: What spans or assessments must be: values by `name`, `status` or `type`.
        interval: The length of a group in time; all times are one group when None.
        start: The first moment.
        end: The last moment.
        limit: Most groups to give.
    """

    experiment_ids: Sequence[ExperimentId]
    view: TraceView
    metric: str
    aggregates: Sequence[tuple[Aggregate, float | None]]
    dimensions: Sequence[str] = ()
    where: Condition | None = None
    also: Sequence[tuple[str, str]] = ()
    interval: timedelta | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceMetricGroup:
    """One group's numbers.

    Attributes:
        values: One for each aggregate; None where the group has no value.
        begins: When the group's interval begins; None without intervals.
        dimensions: The group's values by dimension.
    """

    values: Sequence[float | None]
    begins: datetime | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraceCounts:
    """How many traces are so, are otherwise, are both, and are there at all."""

    first: int
    second: int
    both: int
    total: int
