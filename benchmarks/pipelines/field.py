"""Rows of the table: seconds by tool, where a tool may have no such thing."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.result import Comparison


@dataclass(frozen=True, kw_only=True, slots=True)
class Field(Comparison):
    """What ours and others took; a variant without samples has no equivalent, or was told apart in `work`."""

    @property
    def ratio(self) -> float:
        """How many times less ours took than the best of the others, by medians; 0 when there is nothing of ours."""
        first, *rest = self.samples
        others = [median(self.samples[name]) for name in self.peers or rest if self.samples[name]]
        return min(others) / median(self.samples[first]) if others and self.samples[first] else 0.0

    def row(self) -> str:
        """The table's row."""
        cells = " | ".join(f"{median(each):,.3g}" if each else "none" for each in self.samples.values())
        bar = "" if self.bar is None else f"≥ {self.bar:g}"
        verdict = "" if self.bar is None else "yes" if self.ratio >= self.bar else "**no**"
        return f"| {self.work} | {self.unit} | {cells} | {self.ratio:.1f} | {bar} | {verdict} |"
