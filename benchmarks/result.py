"""One line of RESULTS.md, and the page."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def write_page(results: Mapping[str, Sequence[Result]]) -> None:
    """Rewrite RESULTS.md."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    lines = [
        "# Results",
        "",
        f"Written by `make bench` on {datetime.now(tz=UTC):%Y-%m-%d}: Python {platform.python_version()}, {machine}.",
        "Medians, with the quartiles beside them.",
    ]
    for name, rows in results.items():
        lines += ["", f"## {name}", "", HEAD, "|---|---|---|---|---|---|"]
        lines.extend(result.row() for result in rows)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
