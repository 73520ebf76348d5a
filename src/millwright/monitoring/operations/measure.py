"""Latency, throughput, errors and cost of a window.

Latency stands in the log with every row, for its whole request: requests are told apart by their ids, and each counts
once. Percentiles are exact, by linear interpolation (type 7 of Hyndman and Fan, 1996, NumPy's default).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from millwright.monitoring.operations.served import ServedCounts
from millwright.pipelines.runner.observation.price import estimated_cost

if TYPE_CHECKING:
    from millwright.monitoring.operations.settings import OperationsSettings
    from millwright.monitoring.window import WindowRows

_NONE = pl.DataFrame(schema={"request_id": pl.String, "latency_ms": pl.Float64})
_SHORTEST_S = 0.1  # of a window that tells a rate: rows of one request came in no time
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """One limit that is set.

    Attributes:
        name: As in the settings.
        limit: What is tolerated.
        found: What was measured; None where nothing could be.
        broken: Whether it lies beyond.
    """

    name: str
    limit: float
    found: float | None
    broken: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Operations:
    """How an endpoint worked in a window.

    Attributes:
        requests: Requests that were answered; rows without a request's id count as one each.
        rows: Predictions.
        seconds: The window's length, at least that between its first and last row.
        latency_ms: `p50`, `p95`, `p99`, `mean` and `max` over requests; of requests whose latency is not known (NaN),
            none; empty without any.
        error_share: Of what the server counted; None where it does not tell.
        refused_share: Likewise.
        served: What it counted; None likewise.
        cost: What the machine cost over the window, in the currency; None without prices, and for less than 0.1 s.
        currency: Of the prices.
        limits: Those that are set.
    """

    requests: int
    rows: int
    seconds: float
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    error_share: float | None = None
    refused_share: float | None = None
    served: ServedCounts | None = None
    cost: float | None = None
    currency: str = ""
    limits: tuple[Limit, ...] = ()

    @property
    def rows_per_second(self) -> float | None:
        """Throughput, averaged over the window; None for less than 0.1 s."""
        return self.rows / self.seconds if self.seconds >= _SHORTEST_S else None

    @property
    def cost_per_prediction(self) -> float | None:
        """In the currency; None without prices or rows."""
        return None if self.cost is None or not self.rows else self.cost / self.rows


def measure_operations(
    rows: WindowRows, settings: OperationsSettings, *, served: ServedCounts | None = None
) -> Operations:
    """Measure a window.

    Args:
        rows: The window; of one without rows only what the server counted is judged.
        settings: Limits and prices.
        served: What the server counted in that time, when it tells.
    """
    times = rows.rows.select(["request_id", "latency_ms"]) if len(rows) else _NONE
    named = times.filter(pl.col("request_id").is_not_null() & (pl.col("request_id") != ""))
    alone = times.height - named.height
    latency = pl.concat(
        [
            named.unique("request_id", keep="first", maintain_order=True)["latency_ms"],
            times.filter(pl.col("request_id").is_null() | (pl.col("request_id") == ""))["latency_ms"],
        ]
    )
    known = latency.filter(latency.is_finite())
    seconds = (rows.end - rows.start).total_seconds()
    cost = None
    if settings.prices and seconds >= _SHORTEST_S:
        cost = estimated_cost(settings.prices, settings.resources, seconds=seconds, cpu_s=0.0, peak_memory_bytes=0)
    measured = Operations(
        requests=named["request_id"].n_unique() + alone,
        rows=times.height,
        seconds=seconds,
        latency_ms=_percentiles(known),
        error_share=served.error_share if served else None,
        refused_share=served.refused_share if served else None,
        served=served,
        cost=cost,
        currency=settings.prices.currency if settings.prices else "",
    )
    return _limited(measured, settings)


def _percentiles(latency: pl.Series) -> dict[str, float]:
    if latency.is_empty():
        return {}
    found = {name: float(latency.quantile(q, "linear") or 0.0) for name, q in _QUANTILES.items()}
    return {**found, "mean": float(latency.mean()), "max": float(latency.max())}  # type: ignore[arg-type]


def _limited(measured: Operations, settings: OperationsSettings) -> Operations:
    enough = measured.requests >= settings.min_requests
    cost = measured.cost_per_prediction
    served = measured.served is not None and measured.served.requests >= settings.min_requests
    candidates = [
        *(
            (f"{name}_ms", getattr(settings, f"{name}_ms"), measured.latency_ms.get(name) if enough else None, 1)
            for name in _QUANTILES
        ),
        ("error_share", settings.error_share, measured.error_share if served else None, 1),
        ("refused_share", settings.refused_share, measured.refused_share if served else None, 1),
        ("min_rows_per_second", settings.min_rows_per_second, measured.rows_per_second if measured.rows else None, -1),
        ("cost_per_thousand", settings.cost_per_thousand, None if cost is None else 1_000 * cost, 1),
    ]
    limits = tuple(
        Limit(name=name, limit=limit, found=found, broken=found is not None and sign * (found - limit) > 0)
        for name, limit, found, sign in candidates
        if limit is not None
    )
    return replace(measured, limits=limits)
