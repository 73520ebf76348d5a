"""Operations of the window: latency, throughput, errors, cost, and their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.monitoring.exposition.fact import number, text
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure, Metric

_MS, _THOUSAND = 1e-3, 1e-3
_PERCENTILES = ("p50", "p95", "p99")

REQUESTS = of_report("requests", "Requests of the window that were answered.")
LATENCY = of_report("latency_seconds", "What so many of a hundred requests took at most.", "percentile")
LATENCY_LIMIT = of_report("latency_limit_seconds", "What they may take, if that is set.", "percentile")
LATENCY_MEAN = of_report("latency_mean_seconds", "What a request took on average.")
LATENCY_MAX = of_report("latency_max_seconds", "What the slowest request took.")
ERRORS = of_report("error_ratio", "Share of the requests that failed, as the server counted since the last check.")
ERROR_LIMIT = of_report("error_limit_ratio", "The share that is tolerated, if that is set.")
REFUSED = of_report("refused_ratio", "Share of the requests that were refused for what they asked, likewise counted.")
REFUSED_LIMIT = of_report("refused_limit_ratio", "The share that is tolerated, if that is set.")
SHED = of_report("shed_ratio", "Share of the requests that were refused because there were too many.")
THROUGHPUT = of_report("throughput_rows_per_second", "Predictions a second, over the window.")
THROUGHPUT_LIMIT = of_report("throughput_limit_rows_per_second", "The fewest that are tolerated, if that is set.")
COST = of_report("cost", "What the machine cost over the window.", "currency")
COST_PER_PREDICTION = of_report("cost_per_prediction", "What one prediction cost.", "currency")
COST_LIMIT = of_report("cost_per_prediction_limit", "What one may cost, if that is set.", "currency")
BROKEN = of_report(
    "operations_limit_broken", "1 for a limit that is broken, else 0; `limit` as in the settings.", "limit"
)


def _read(facts: ReportFacts) -> Iterator[Figure]:
    found = facts.fields("operations")
    if not found:
        return
    yield REQUESTS, (), number(found, "requests")
    for name in _PERCENTILES:
        yield LATENCY, (name.removeprefix("p"),), _times(_MS, number(found, "latency_ms", name))
    yield LATENCY_MEAN, (), _times(_MS, number(found, "latency_ms", "mean"))
    yield LATENCY_MAX, (), _times(_MS, number(found, "latency_ms", "max"))
    yield ERRORS, (), number(found, "error_share")
    requests = number(found, "served", "requests")
    for metric, name in ((REFUSED, "refused"), (SHED, "shed")):
        yield metric, (), _times(1 / requests, number(found, "served", name)) if requests else None
    yield THROUGHPUT, (), _times(1 / 3600, number(found, "rows_per_hour"))
    currency = (text(found, "currency"),)
    yield COST, currency, number(found, "cost")
    yield COST_PER_PREDICTION, currency, number(found, "cost_per_prediction")
    yield from _limits(facts, currency)


def _limits(facts: ReportFacts, currency: tuple[str]) -> Iterator[Figure]:
    places: Mapping[str, tuple[Metric, tuple[str, ...], float]] = {
        **{f"{name}_ms": (LATENCY_LIMIT, (name.removeprefix("p"),), _MS) for name in _PERCENTILES},
        "error_share": (ERROR_LIMIT, (), 1.0),
        "refused_share": (REFUSED_LIMIT, (), 1.0),
        "min_rows_per_second": (THROUGHPUT_LIMIT, (), 1.0),
        "cost_per_thousand": (COST_LIMIT, currency, _THOUSAND),
    }
    for limit in facts.rows("operations", "limits"):
        name = text(limit, "name")
        yield BROKEN, (name,), number(limit, "broken")
        if name in places:
            metric, labels, factor = places[name]
            yield metric, labels, _times(factor, number(limit, "limit"))


def _times(factor: float, found: float | None) -> float | None:
    return None if found is None else factor * found


OPERATIONS = Family(
    name="operations",
    about="Operations of the window: latency, throughput, errors, cost, and their limits.",
    metrics=(
        REQUESTS, LATENCY, LATENCY_LIMIT, LATENCY_MEAN, LATENCY_MAX, ERRORS, ERROR_LIMIT, REFUSED, REFUSED_LIMIT, SHED,
        THROUGHPUT, THROUGHPUT_LIMIT, COST, COST_PER_PREDICTION, COST_LIMIT, BROKEN,
    ),
    read=_read,
)  # fmt: skip
