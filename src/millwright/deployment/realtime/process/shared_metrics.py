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

Label = tuple[tuple[str, str], ...]


class Family(msgspec.Struct):
    """A metric as it stands in a file.

    Attributes:
        name: Its name, without the suffixes of its samples.
        about: Its help.
        type: As Prometheus calls it.
        samples: Name, labels and value of each.
    """

    name: str
    about: str
    type: str
    samples: list[tuple[str, Label, float]]


decode = msgspec.json.Decoder(list[Family]).decode
encode = msgspec.json.Encoder().encode


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
        content = encode([_family(metric) for metric in metrics])
        written = self._mine.with_suffix(".new")
        written.write_bytes(content)
        written.replace(self._mine)

    def merged(self, metrics: Iterable[Metric]) -> Iterator[Metric]:
        """This process's metrics with those of the others added; see `add_families`."""
        from prometheus_client.core import GaugeMetricFamily
        from prometheus_client.core import Metric as NewMetric

        alive = 1
        parts = [[_family(metric) for metric in metrics]]
        for path in sorted(self._folder.glob("*.json")):
            if path != self._mine:
                pid, _, name = path.stem.partition("-")
                lives = _is_alive(int(pid))
                alive += lives and name != "parent"
                try:
                    content = path.read_bytes()
                except FileNotFoundError:  # of a process that has ended; the parent has taken over what it counted
                    continue
                parts.append([each for each in decode(content) if lives or each.type != "gauge"])
        for family in add_families(parts):
            metric = NewMetric(family.name, family.about, family.type)
            for name, labels, value in family.samples:
                metric.add_sample(name, dict(labels), value)
            yield metric
        yield GaugeMetricFamily("millwright_workers", "Processes that answer.", value=alive)


def add_families(parts: Iterable[Iterable[Family]]) -> list[Family]:
    """Metrics of several processes as one: sums, but of facts (`…_info`, `…_ratio`) the largest."""
    found: dict[str, Family] = {}
    values: dict[str, dict[tuple[str, Label], float]] = {}
    for family in (each for part in parts for each in part):
        found.setdefault(family.name, family)
        sums = values.setdefault(family.name, {})
        is_fact = family.name.endswith(("_info", "_ratio"))
        for name, labels, value in family.samples:
            key = (name, labels)
            sums[key] = max(sums.get(key, value), value) if is_fact else sums.get(key, 0.0) + value
    return [
        Family(each.name, each.about, each.type, [(*key, value) for key, value in values[each.name].items()])
        for each in found.values()
    ]


def _family(metric: Metric) -> Family:
    samples = [(each.name, tuple(each.labels.items()), float(each.value)) for each in metric.samples]
    return Family(metric.name, metric.documentation, metric.type, samples)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
