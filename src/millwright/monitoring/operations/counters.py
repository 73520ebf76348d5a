"""What a running server has counted since it began, read from its Prometheus metrics."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

from millwright.monitoring.operations.served import RefusedValues, ServedCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTER = r'^millwright_{}_total\{{(?P<labels>(?:[^"}}]|"(?:[^"\\]|\\.)*")*)\}} (?P<value>\S+)$'
_REQUESTS = re.compile(_COUNTER.format("requests"), re.MULTILINE)
_VALUES = re.compile(_COUNTER.format("refused_values"), re.MULTILINE)
_TOLD = ("column", "expected", "found")
_ESCAPED = re.compile(r"\\(.)")
_REFUSED = "refused values: "  # before what was refused, in the names of totals
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
    values: dict[str, int] = {}
    for found in _VALUES.finditer(text):
        labels = {name: _ESCAPED.sub(_unescaped, value) for name, value in _LABEL.findall(found["labels"])}
        key = _REFUSED + json.dumps([labels.get(name, "") for name in _TOLD])
        values[key] = values.get(key, 0) + int(float(found["value"]))
    return ServedCounts(
        requests=counts["requests"],
        errors=counts["errors"],
        refused=counts["refused"],
        shed=counts["shed"],
        refused_values=_refused_values(values),
        totals=counts | values,
    )


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


def _refused_values(counts: Mapping[str, int]) -> tuple[RefusedValues, ...]:
    """Those of some counts that tell what was refused, the most frequent first."""
    told = [
        RefusedValues(**dict(zip(_TOLD, json.loads(name.removeprefix(_REFUSED)), strict=True)), requests=count)
        for name, count in counts.items()
        if name.startswith(_REFUSED) and count
    ]
    return tuple(sorted(told, key=lambda each: (-each.requests, each.column, each.found)))


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
        refused_values=_refused_values(since),
        since=datetime.fromisoformat(report["created_at"]),
    )
