"""Metrics of several processes as one: each leaves its numbers in a folder, whoever is scraped adds them up.

A process's own numbers are of the moment of the scrape, those of the others at most a second old. Counters of a process
that was killed stay, but for what it counted in its last second; its gauges go with it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from millwright.core.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from prometheus_client.core import Metric

_Label = tuple[tuple[str, str], ...]


class _Family(msgspec.Struct):
    """A metric as it stands in a file."""

    name: str
    about: str
    type: str
    samples: list[tuple[str, _Label, float]]


_decode = msgspec.json.Decoder(list[_Family]).decode


class SharedMetrics:
    """One process's part of the folder.

    Args:
        folder: Where all processes of a server leave their numbers.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine = folder / f"{os.getpid()}-{new_id()[-8:]}.json"

    def write(self, metrics: Iterable[Metric]) -> None:
        """Leave this process's numbers for the others."""
        content = msgspec.json.encode([_family(metric) for metric in metrics])
        written = self._mine.with_suffix(".new")
        written.write_bytes(content)
        written.replace(self._mine)

    def merged(self, metrics: Iterable[Metric]) -> Iterator[Metric]:
        """This process's metrics with those of the others added: sums, but of facts (`…_info`) the largest."""
        from prometheus_client.core import GaugeMetricFamily
        from prometheus_client.core import Metric as NewMetric

        found: dict[str, NewMetric] = {}
        values: dict[str, dict[tuple[str, _Label], float]] = {}
        alive = 1
        parts = [[_family(metric) for metric in metrics]]
        for path in sorted(self._folder.glob("*.json")):
            if path != self._mine:
                lives = _is_alive(int(path.name.partition("-")[0]))
                alive += lives
                parts.append([each for each in _decode(path.read_bytes()) if lives or each.type != "gauge"])
        for family in (each for part in parts for each in part):
            found.setdefault(family.name, NewMetric(family.name, family.about, family.type))
            sums = values.setdefault(family.name, {})
            for name, labels, value in family.samples:
                key = (name, labels)
                is_fact = family.name.endswith("_info")
                sums[key] = max(sums.get(key, value), value) if is_fact else sums.get(key, 0.0) + value
        for family_name, metric in found.items():
            for (name, labels), value in values[family_name].items():
                metric.add_sample(name, dict(labels), value)
            yield metric
        yield GaugeMetricFamily("millwright_workers", "Processes that answer.", value=alive)


def _family(metric: Metric) -> _Family:
    samples = [(each.name, tuple(each.labels.items()), float(each.value)) for each in metric.samples]
    return _Family(metric.name, metric.documentation, metric.type, samples)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
