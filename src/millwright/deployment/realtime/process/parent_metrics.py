"""What the parent of workers counts, and what is left of workers that have ended, among the metrics of all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from millwright.deployment.realtime.process.shared_metrics import Family, Label, add_families, decode, encode

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.deployment.realtime.process.swap_rounds import SwapRounds

PARENT = "parent"


class ParentMetrics:
    """The parent's part of the folder where a server's processes leave their numbers.

    Args:
        folder: See `SharedMetrics`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / f"{os.getpid()}-{PARENT}.json"
        self._kept: list[Family] = []
        self._wanted = 0
        self._outcomes = {"committed": 0, "refused": 0, "given_up": 0}
        self._cold_starts = 0
        self._cold_seconds = 0.0
        self._last_cold = 0.0

    def take(self, rounds: SwapRounds, wanted: int) -> None:
        """Take over what was counted elsewhere."""
        self._wanted = wanted
        self._outcomes = {"committed": rounds.swapped, "refused": rounds.refused, "given_up": rounds.given_up}

    def cold_start(self, seconds: float) -> None:
        """A first caller has waited this long for a worker to take requests."""
        self._cold_starts += 1
        self._cold_seconds += seconds
        self._last_cold = seconds
        self.write()

    def keep(self, pid: int) -> None:
        """A worker has ended: what it counted is kept here, so that its file does not stay for ever."""
        paths = list(self._folder.glob(f"{pid}-*.json"))
        for path in paths:
            found = [each for each in decode(path.read_bytes()) if each.type != "gauge"]
            self._kept = add_families([self._kept, found])
        # A scrape between the two lines finds the worker's numbers nowhere for a moment, and never twice.
        for path in paths:
            path.unlink(missing_ok=True)
        if paths:
            self.write()

    def write(self) -> None:
        """Leave the numbers for whoever is scraped."""
        rounds: list[tuple[str, Label, float]] = [
            ("millwright_swap_rounds_total", (("outcome", outcome),), float(count))
            for outcome, count in self._outcomes.items()
        ]
        own = [
            Family("millwright_workers_wanted", "Processes that there are to be.", "gauge",
                   [("millwright_workers_wanted", (), float(self._wanted))]),
            Family("millwright_swap_rounds", "Versions that all processes were to take over together.", "counter",
                   rounds),
            Family("millwright_cold_start_seconds", "From a first caller to a process that takes requests, in seconds.",
                   "summary", [("millwright_cold_start_seconds_count", (), float(self._cold_starts)),
                               ("millwright_cold_start_seconds_sum", (), self._cold_seconds)]),
            Family("millwright_last_cold_start_seconds", "The last of them.", "gauge",
                   [("millwright_last_cold_start_seconds", (), self._last_cold)]),
        ]  # fmt: skip
        written = self._file.with_suffix(".new")
        written.write_bytes(encode([*own, *self._kept]))
        written.replace(self._file)
