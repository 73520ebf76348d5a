"""Latencies as counts in buckets that grow by a fifth: cheap to count, exact to add up over processes."""

from __future__ import annotations

from bisect import bisect_left
from math import log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_S = 50e-6
_GROWTH = 1.2
# Upper ends of the buckets in seconds, 50 µs to 82 s; what takes longer is in a last one without an end.
LATENCY_BOUNDS = tuple(_LEAST_S * _GROWTH**number for number in range(79))
LATENCY_BUCKETS = len(LATENCY_BOUNDS) + 1


def quantile(counts: Sequence[int], share: float, *, sure: float = 0.0) -> float | None:
    """The latency that a share of the requests stays below.

    Args:
        counts: Requests per bucket, (`LATENCY_BUCKETS`,).
        share: Above 0 and below 1.
        sure: How many standard errors of the rank to go up: 2.33 gives an upper 99 % bound (order statistics, normal
            approximation).

    Returns:
        The upper end of its bucket in seconds, at most a fifth too high; None without requests. Of a rank beyond the
        last request, that of the last one.
    """
    total = sum(counts)
    if not total:
        return None
    rank = min(total * share + sure * sqrt(total * share * (1 - share)), total)
    seen = 0
    for bucket, count in enumerate(counts):
        seen += count
        if seen >= rank:
            return LATENCY_BOUNDS[min(bucket, len(LATENCY_BOUNDS) - 1)]
    raise AssertionError("A rank is at most the number of requests.")  # pragma: no cover


def count_beyond(counts: Sequence[int], limit_s: float) -> int:
    """How many requests surely took longer than so many seconds: those in buckets that begin there or later."""
    return sum(counts[bisect_left(LATENCY_BOUNDS, limit_s) + 1 :])


def log_mean(counts: Sequence[int], floor_s: float) -> tuple[float, float]:
    """Mean and variance of the logarithm of latency, of at least one request.

    Args:
        counts: Requests per bucket, (`LATENCY_BUCKETS`,).
        floor_s: Shorter latencies count as this one.
    """
    logs = [log(max(bound, floor_s)) for bound in (*LATENCY_BOUNDS, LATENCY_BOUNDS[-1])]
    total = sum(counts)
    mean = sum(count * value for count, value in zip(counts, logs, strict=True)) / total
    return mean, sum(count * (value - mean) ** 2 for count, value in zip(counts, logs, strict=True)) / total
