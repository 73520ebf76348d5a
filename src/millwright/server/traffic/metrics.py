"""What is counted, as Prometheus reads it; with several workers, summed over them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.registry import Collector

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_FAMILIES = (
    "/api/v1",
    "/runs",
    "/models",
    "/datasets",
    "/features",
    "/rollouts",
    "/monitoring",
    "/audit",
    "/decisions",
    "/predictions",
    "/login",
)


class RequestMetrics:
    """Counts requests by what they asked for. Names that clients choose never become labels.

    Args:
        known: Paths without parameters that some route answers.
        others: What else is told; of every worker the same.
    """

    def __init__(self, known: Iterable[str], others: Iterable[Collector] = ()) -> None:
        self._known = frozenset(known)
        self._registry = CollectorRegistry()
        self._others = tuple(others)
        for other in self._others:
            self._registry.register(other)
        self._requests = Counter(
            "millwright_http_requests",
            "Requests answered, by what they asked for.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "millwright_http_request_duration_seconds",
            "Time from a request's first byte to its answer's last.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request."""
        route = self.route(path)
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def route(self, path: str) -> str:
        """What stands for a path: itself when it is a known one, else the beginning that it shares with its family."""
        if path in self._known:
            return path
        parts = path.split("/", 5)
        if path.startswith(("/api/2.0/", "/api/3.0/", "/ajax-api/")):
            beginning = "/".join(parts[:5])
            family = any(known.startswith(beginning) for known in self._known)
            return f"{beginning}/*" if family else "other"
        return next((f"{family}/*" for family in _FAMILIES if path.startswith(f"{family}/")), "other")

    def text(self) -> tuple[bytes, bytes]:
        """Everything that was counted, with its content type."""
        registry = self._registry
        if _SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            for other in self._others:
                registry.register(other)
        return generate_latest(registry), CONTENT_TYPE_LATEST.encode()


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
