"""What was measured, as rows of the table with their bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.result import Comparison, Result
from benchmarks.serving.stack import BARE, LOGGING, OURS

ONE_ROW = {"one row, 1 at a time": 1, "one row, 32 at a time": 32}
HALF_LOAD = "one row, half load"
WIDE = "10,000 rows in a request"
COLD_START, MEMORY, MEMORY_LATER = "cold start", "memory after the first answer", "memory after all requests"
FIGURES = {
    "cpu_us": "processor",
    "per_second": "throughput",
    "per_core": "throughput per core used",
    "p50_ms": "median",
    "p99_ms": "99 of 100",
}
_BEST_PEER, _BARE_SHARE, _LOGGED_SHARE, _HALF_LOAD_MS = 10.0, 0.6, 0.9, 5.0


@dataclass(frozen=True, slots=True)
class Field:
    """Measurements, by what was measured and by stack.

    Attributes:
        found: At least one for each.
        versions: Of the stacks, by name.
    """

    found: Mapping[str, Mapping[str, Sequence[float]]]
    versions: Mapping[str, str]

    def table(self) -> list[Result | Comparison]:
        """The rows."""
        rows: list[Result | Comparison] = []
        for work in ONE_ROW:
            rows += [
                self._all(f"{work}, processor", "µs", smaller=True),
                self._all(f"{work}, throughput", "requests/s"),
                self._all(f"{work}, throughput per core used", "requests/s", bar=_BEST_PEER),
                self._all(f"{work}, median", "ms", smaller=True),
                self._all(f"{work}, 99 of 100", "ms", smaller=True),
            ]
        rows += [
            self._all(f"{HALF_LOAD}, median", "ms", smaller=True),
            self._all(f"{HALF_LOAD}, 99 of 100", "ms", smaller=True),
            self._all(f"{WIDE}, median", "ms", smaller=True),
            self._all(f"{WIDE}, processor", "µs", smaller=True),
            self._all(COLD_START, "s", smaller=True),
            self._all(MEMORY, "MiB", smaller=True),
            self._all(MEMORY_LATER, "MiB", smaller=True),
        ]
        rows += [self._pair(f"{work}, throughput per core used", OURS, BARE, bar=_BARE_SHARE) for work in ONE_ROW]
        rows += [
            self._pair(f"{work}, {figure}", LOGGING, OURS, bar=_LOGGED_SHARE)
            for work in ONE_ROW
            for figure in ("throughput", "throughput per core used")
        ]
        late = self.found[f"{HALF_LOAD}, 99 of 100"]
        rows += [
            Result(work=f"{HALF_LOAD}, 99 of 100, {name}", samples=late[name], unit="ms", bar=_HALF_LOAD_MS)
            for name in (OURS, LOGGING)
        ]
        return rows

    def _all(self, work: str, unit: str, *, smaller: bool = False, bar: float | None = None) -> Comparison:
        """Ours beside the peers; what runs for comparison with ours alone is shown and does not count for the ratio."""
        found = self.found[work]
        peers = tuple(self._label(name) for name in found if name not in {OURS, LOGGING, BARE})
        return Comparison(
            work=work,
            samples={self._label(name): found.get(name, ()) for name in self.versions},
            unit=unit,
            smaller=smaller,
            bar=bar if peers else None,
            peers=peers,
            quartiles=True,
        )

    def _pair(self, work: str, ours: str, other: str, *, bar: float) -> Comparison:
        samples = {self._label(name): self.found[work][name] for name in (ours, other)}
        return Comparison(work=work, samples=samples, unit="requests/s", bar=bar, quartiles=True, paired=True)

    def _label(self, name: str) -> str:
        return name if name in {OURS, LOGGING} else f"{name} {self.versions[name].split()[-1]}"
