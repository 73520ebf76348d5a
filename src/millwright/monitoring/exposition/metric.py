"""One metric: its name, what it says, and its labels, declared once beside what reads it.

Names follow Prometheus' conventions (https://prometheus.io/docs/practices/naming): base units (seconds, shares from 0
to 1 as `_ratio`) at the end of the name, moments as seconds since 1970. All are gauges: they tell how a window was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from millwright.monitoring.exposition.fact import ReportFacts

PREFIX = "millwright_monitor_"
OF_REPORT = ("endpoint", "monitor")  # which every figure of a report has


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge; written as text it is its name, for queries.

    Attributes:
        name: Whole.
        about: What it says, in a sentence.
        labels: The names of its labels.
    """

    name: str
    about: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        """Its name."""
        return self.name


def of_report(name: str, about: str, *labels: str) -> Metric:
    """A metric of the newest report of each monitor, with the labels `endpoint` and `monitor` before its own.

    Args:
        name: Without the prefix that all have in common.
        about: What it says, in a sentence.
        labels: Its own.
    """
    return Metric(f"{PREFIX}{name}", about, (*OF_REPORT, *labels))


Figure: TypeAlias = "tuple[Metric, tuple[str, ...], float | None]"
"""A metric, the values of its own labels, and its value; None where the report does not tell it."""

Sample: TypeAlias = "tuple[Metric, tuple[str, ...], float]"
"""A metric, the values of all of its labels, and its value."""

Reader: TypeAlias = Callable[[ReportFacts], Iterator[Figure]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """What a report tells of one subject.

    Attributes:
        name: A word.
        about: What it is of, in a sentence.
        metrics: Those that it tells.
        read: Tells them, what matters most first: of more values than are told, the last are left out.
    """

    name: str
    about: str
    metrics: tuple[Metric, ...]
    read: Reader
