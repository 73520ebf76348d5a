"""One line of RESULTS.md, and the page."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import median, quantiles

PAGE = Path(__file__).with_name("RESULTS.md")
HEAD = "| work | median | quartiles | runs | bar | held |"


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What one variant took.

    Attributes:
        work: What was done.
        samples: Measurements in `unit`, at least two.
        unit: Such as "ms".
        bar: The largest median promised; None without a promise.
    """

    work: str
    samples: Sequence[float]
    unit: str
    bar: float | None = None

    def row(self) -> str:
        """The table's row."""
        low, _, high = quantiles(self.samples, n=4)
        found = median(self.samples)
        bar = "" if self.bar is None else f"{self.bar:g} {self.unit}"
        verdict = "" if self.bar is None else "yes" if found <= self.bar else "**no**"
        spread = f"{low:.1f} to {high:.1f}"
        return f"| {self.work} | {found:.1f} {self.unit} | {spread} | {len(self.samples)} | {bar} | {verdict} |"


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What ours and others did at the same work.

    Attributes:
        work: What was done.
        samples: Measurements in `unit` by variant, none where it has no such thing; the first variant is ours.
        unit: Such as "points/s".
        smaller: Whether less is better, as with memory; otherwise more is.
        bar: How many times better than the best of the others is promised; None without a promise.
        peers: The variants to be compared with; all but the first when empty.
        quartiles: Show them beside the medians.
        paired: Whether measurements of one number were made in turn, within seconds: the ratio is then the median of
            those of each turn, which a machine that is slower for a minute does not change.
    """

    work: str
    samples: Mapping[str, Sequence[float]]
    unit: str
    smaller: bool = False
    bar: float | None = None
    peers: tuple[str, ...] = ()
    quartiles: bool = False
    paired: bool = False

    @property
    def ratio(self) -> float:
        """How many times better ours is than the best of the others, by medians."""
        first, *rest = self.samples
        if self.paired:
            turns = zip(self.samples[first], self.samples[rest[0]], strict=True)
            return median(other / ours if self.smaller else ours / other for ours, other in turns)
        ours = median(self.samples[first])
        others = [median(self.samples[name]) for name in self.peers or rest if self.samples[name]]
        return min(others) / ours if self.smaller else ours / max(others)

    def row(self) -> str:
        """The table's row."""
        cells = " | ".join(self._cell(each) for each in self.samples.values())
        bar = "" if self.bar is None else f"≥ {self.bar:g}"
        verdict = "" if self.bar is None else "yes" if self.ratio >= self.bar else "**no**"
        digits = 2 if self.ratio < 2 else 1
        return f"| {self.work} | {self.unit} | {cells} | {self.ratio:.{digits}f} | {bar} | {verdict} |"

    def _cell(self, samples: Sequence[float]) -> str:
        if not samples:
            return "none"
        if not self.quartiles or len(samples) < 2:
            return f"{median(samples):,.4g}"
        low, middle, high = quantiles(samples, n=4, method="inclusive")
        return f"{middle:,.4g} ({low:,.4g} to {high:,.4g})"

    def head(self) -> str:
        """The table's head."""
        return f"| work | unit | {' | '.join(self.samples)} | ratio to the better | bar | held |"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """How often something happened.

    Attributes:
        work: What.
        hits: How often.
        trials: Of so many times.
        also: What happened beside it.
        bar: The largest share promised; None without a promise.
    """

    work: str
    hits: int
    trials: int
    also: str = ""
    bar: float | None = None

    def row(self) -> str:
        """The table's row, with the exact 95 % interval of the share."""
        from scipy.stats import binomtest

        interval = binomtest(self.hits, self.trials).proportion_ci()
        bar = "" if self.bar is None else f"≤ {self.bar:.0%}"
        verdict = "" if self.bar is None else "yes" if self.hits <= self.bar * self.trials else "**no**"
        found = f"{self.hits} of {self.trials} | {interval.low:.1%} to {interval.high:.1%}"
        return f"| {self.work} | {found} | {self.also or 'nothing'} | {bar} | {verdict} |"

    def head(self) -> str:
        """The table's head."""
        return "| what | found | 95 % interval | found beside it | bar | held |"


def write_page(results: Mapping[str, Sequence[Result | Comparison | Share]], versions: Sequence[str] = ()) -> None:
    """Rewrite the sections of RESULTS.md of what was run; the others stay as they are, each with its own day.

    Args:
        results: Rows by section.
        versions: Of what was compared, such as "zenml 0.98.0".
    """
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    sections = _sections()
    for name, rows in results.items():
        lines = [f"Run on {datetime.now(tz=UTC):%Y-%m-%d}: Python {platform.python_version()}, {machine}."]
        lines += ["", f"Versions: {', '.join(versions)}."] if versions else []
        for head, table in groupby(rows, key=_head):
            lines += ["", head, "|---" * (head.count("|") - 1) + "|", *(result.row() for result in table)]
        sections[name] = "\n".join(lines)
    text = "".join(f"\n## {name}\n\n{sections[name]}\n" for name in sorted(sections))
    PAGE.write_text(
        f"# Results\n\nWritten by `make bench`. Medians, with the quartiles beside them.\n{text}", encoding="utf-8"
    )


def _sections() -> dict[str, str]:
    """The sections that the page has, by name."""
    if not PAGE.is_file():
        return {}
    _, *parts = PAGE.read_text(encoding="utf-8").split("\n## ")
    return {name: text.strip() for name, _, text in (part.partition("\n") for part in parts)}


def _head(result: Result | Comparison | Share) -> str:
    return HEAD if isinstance(result, Result) else result.head()
