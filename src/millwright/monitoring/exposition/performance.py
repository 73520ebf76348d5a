"""Performance: realised on labels, estimated without them, at evaluation; its limits, and what is usual for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.monitoring.exposition.fact import negated, number, text, value
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

VALUE = of_report(
    "performance", "A metric: realised on labels, estimated without them, or at evaluation.", "metric", "source"
)
LOW = of_report("performance_low", "The lower end of its interval.", "metric", "source")
HIGH = of_report("performance_high", "The upper end of its interval.", "metric", "source")
LOSS = of_report(
    "performance_loss", "By how much the deciding metric is worse than at evaluation, in its unit.", "metric"
)
LOSS_LOW = of_report("performance_loss_low", "The lower end of its interval.", "metric")
LOSS_HIGH = of_report("performance_loss_high", "The upper end of its interval.", "metric")
LOSS_LIMIT = of_report("performance_loss_limit", "The loss that is tolerated.", "metric")
DEGRADED = of_report("performance_degraded", "1 when performance was lost, else 0.", "metric")
LIMIT = of_report("performance_limit", "A limit that is set for a metric; `end` is low or high.", "metric", "end")
OUTSIDE = of_report("performance_outside", "1 for a metric beyond the limits that are set for it, else 0.", "metric")
USUAL = of_report("performance_usual", "What earlier checks would have a metric be.", "metric")
DEVIATION = of_report(
    "performance_deviation",
    "How far it is from that, signed, in robust deviations, or shares of the way to its limits.",
    "metric",
)
DEVIATION_LIMIT = of_report("performance_deviation_limit", "How far it may be from that.", "metric")


def _read(facts: ReportFacts) -> Iterator[Figure]:
    record = facts.record
    realised, estimated = facts.fields("performance"), facts.fields("estimated")
    metric = text(realised, "metric")
    yield from _values("realised", record.performance, value(realised, "intervals"), metric)
    yield from _values("estimated", value(estimated, "metrics"), value(estimated, "intervals"), metric)
    yield from _values("evaluation", record.reference_performance, None, metric)
    if metric:
        yield LOSS, (metric,), negated(number(realised, "gain"))
        yield LOSS_LOW, (metric,), negated(number(realised, "gain_interval", 1))
        yield LOSS_HIGH, (metric,), negated(number(realised, "gain_interval", 0))
        yield LOSS_LIMIT, (metric,), number(realised, "limit")
        yield DEGRADED, (metric,), number(realised, "degraded")
    for name, judged in facts.fields("performance", "judged").items():
        yield LIMIT, (name, "low"), number(judged, "low")
        yield LIMIT, (name, "high"), number(judged, "high")
        yield OUTSIDE, (name,), float(value(judged, "outside") is not None)
    past = facts.fields("past")
    for name, odd in {**({metric: past} if past else {}), **facts.fields("past_metrics")}.items():
        yield USUAL, (name,), number(odd, "usual")
        yield DEVIATION, (name,), number(odd, "score")
        yield DEVIATION_LIMIT, (name,), number(odd, "limit")


def _values(source: str, metrics: Mapping[str, Any] | None, intervals: Any, deciding: str) -> Iterator[Figure]:
    for name in sorted(metrics or {}, key=lambda each: (each != deciding, each)):
        yield VALUE, (name, source), number(metrics, name)
        yield LOW, (name, source), number(intervals, name, 0)
        yield HIGH, (name, source), number(intervals, name, 1)


PERFORMANCE = Family(
    name="performance",
    about="Performance of the model, its limits, and what is usual for it.",
    metrics=(
        VALUE, LOW, HIGH, LOSS, LOSS_LOW, LOSS_HIGH, LOSS_LIMIT, DEGRADED, LIMIT, OUTSIDE,
        USUAL, DEVIATION, DEVIATION_LIMIT,
    ),
    read=_read,
)  # fmt: skip
