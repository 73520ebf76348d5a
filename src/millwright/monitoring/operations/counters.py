"""What a running server has counted since it began, read from its Prometheus metrics."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

from millwright.monitoring.operations.served import ServedCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUESTS = re.compile(
    r'^millwright_requests_total\{(?P<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\} (?P<value>\S+)$', re.MULTILINE
)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_SECONDS = 2.0  # that a server may take; a check does not wait for one that hangs


def fetch_counters(url: str) -> ServedCounts | None:
    """The counters of the server at `url`; None when it is not there, or does not tell.

    Args:
        url: As the endpoint's record has it, with `http` or `https`.
    """
    if not url.startswith(("http://", "https://")):
        return None
    try:
        with urlopen(f"{url.rstrip('/')}/metrics", timeout=_SECONDS) as answer:  # noqa: S310 - the scheme was checked
            return read_counters(answer.read().decode("utf-8", "replace"))
    except (URLError, TimeoutError, ConnectionError, ValueError):
        return None  # a server that has ended tells nothing; what it answered stands in the log


def read_counters(text: str) -> ServedCounts:
    """Requests for predictions (POST) by how they ended, from metrics in Prometheus' text format."""
    counts = {"requests": 0, "errors": 0, "refused": 0, "shed": 0}
    for found in _REQUESTS.finditer(text):
        labels = dict(_LABEL.findall(found["labels"]))
        if labels.get("method") != "POST":  # probes and metrics say nothing about predictions
            continue
        number, status = int(float(found["value"])), labels.get("status", "")
        counts["requests"] += number
        counts["errors"] += number if status.startswith("5") else 0
        counts["refused"] += number if status.startswith("4") else 0
        counts["shed"] += number if status == "503" else 0
    return ServedCounts(
        requests=counts["requests"],
        errors=counts["errors"],
        refused=counts["refused"],
        shed=counts["shed"],
        totals=counts,
    )


def counted_since(report: Mapping[str, Any], now: ServedCounts) -> ServedCounts:
    """What was counted since an earlier look.

    Args:
        report: The earlier report's document; empty for none.
        now: The counters now.

    Returns:
        The differences; all of `now` without an earlier look, and when the server was started again meanwhile, which
        shows in a counter that fell.
    """
    served = (report.get("operations") or {}).get("served") or {}
    earlier: Mapping[str, int] = served.get("totals") or {}
    since = {name: count - earlier.get(name, 0) for name, count in now.totals.items()}
    if not earlier or min(since.values()) < 0:
        return now
    return replace(
        now,
        requests=since["requests"],
        errors=since["errors"],
        refused=since["refused"],
        shed=since["shed"],
        since=datetime.fromisoformat(report["created_at"]),
    )
