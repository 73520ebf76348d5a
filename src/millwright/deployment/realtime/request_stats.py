"""Counting requests, cheaply: plain numbers in the hot path, turned into Prometheus samples when they are scraped.

A labelled counter and histogram of `prometheus_client` cost some microseconds a request together; this costs under one.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from millwright.models.check import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Seconds. Fine below a millisecond, where one-row predictions are; coarse above, where batches are.
BUCKETS = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip


# Rows. Powers of two, as micro-batches are cut; the last is the usual limit of a request.
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 10_000)
# Callers name columns as they like: beyond so many kinds of refused values, others are counted together.
MOST_REFUSED = 200
OTHERS = ("", "", "")


class SizeStats:
    """How large some things were.

    Attributes:
        total: Their sizes in all.
        buckets: How many were at most `SIZES[i]` and larger than the bound before; the last one counts those beyond.
    """

    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.total = 0
        self.buckets = [0] * (len(SIZES) + 1)

    def observe(self, size: int) -> None:
        """There was one of this size, at least 1."""
        self.total += size
        self.buckets[0 if size == 1 else bisect_left(SIZES, size)] += 1


class RouteStats:
    """Requests of one route that got one status.

    Attributes:
        count: How many.
        seconds: Their time in all.
        buckets: How many took at most `BUCKETS[i]` seconds and more than the bound before; the last one counts those
            beyond all bounds.
    """

    __slots__ = ("buckets", "count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(BUCKETS) + 1)


class RequestStats:
    """Requests and predictions of one process. Written by the event loop's thread only; readers see whole numbers.

    Attributes:
        in_flight: Requests that have begun and not ended.
        routes: By route label, method and status.
        predictions: Rows predicted, by model name and version.
        errors: Requests refused or failed, by route label and error code.
        refused_values: Requests with values that the signature refuses, by endpoint and by column, what was expected
            and the kind of value that was found; at most `MOST_REFUSED` kinds, and all others under `OTHERS`.
        request_rows: Rows that requests had predicted.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self.routes: dict[tuple[str, str, int], RouteStats] = {}
        self.predictions: dict[tuple[str, int], int] = {}
        self.errors: dict[tuple[str, str], int] = {}
        self.refused_values: dict[tuple[str, tuple[str, str, str]], int] = {}
        self.request_rows = SizeStats()

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        key = (route, method, status)
        stats = self.routes.get(key)
        if stats is None:
            stats = self.routes[key] = RouteStats()
        stats.count += 1
        stats.seconds += seconds
        stats.buckets[bisect_left(BUCKETS, seconds)] += 1

    def count_predictions(self, model: str, version: int, rows: int) -> None:
        """Some rows of a request have been predicted."""
        self.request_rows.observe(rows)
        key = (model, version)
        self.predictions[key] = self.predictions.get(key, 0) + rows

    def count_error(self, route: str, code: str) -> None:
        """A request has been refused, or has failed."""
        key = (route, code)
        self.errors[key] = self.errors.get(key, 0) + 1

    def count_refused_values(self, endpoint: str, violations: Iterable[Mapping[str, Any]]) -> None:
        """A request has been refused for its values; each kind counts once, however many rows have it."""
        for kind in {(str(each["column"]), str(each["expected"]), kind_of(str(each["found"]))) for each in violations}:
            key = (endpoint, kind)
            if key not in self.refused_values and len(self.refused_values) >= MOST_REFUSED:
                key = (endpoint, OTHERS)
            self.refused_values[key] = self.refused_values.get(key, 0) + 1
