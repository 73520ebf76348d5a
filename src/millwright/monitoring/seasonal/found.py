"""What a window is held against in place of all of the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from millwright.evaluation.metrics.sample import Codes
from millwright.monitoring.reference import Reference


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SeasonalReference:
    """Rows of the same part of the season, or why there are none.

    Attributes:
        name: Which part: `hour of the week`.
        reference: Those rows. None: the window is judged without season.
        performance: What its performance is held against; None for all of the reference.
        source: Where the rows are from; empty where there are none.
        periods: Of how many periods they are.
        rows: How many.
        parts: The row numbers of each period, where a period was a window; empty where the rows are of the reference.
        held: Columns that are held against all of the reference all the same.
        notes: What a reader should know of it.
    """

    name: str = ""
    reference: Reference | None = None
    performance: Reference | None = None
    source: Literal["", "reference", "log"] = ""
    periods: int = 0
    rows: int = 0
    parts: Sequence[Codes] = ()
    held: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def clause(self) -> str:
        """For the end of a message about the window: beside what it was judged."""
        if self.reference is not None:
            return f", beside the same {self.name} in {self.periods} {'periods' if self.periods > 1 else 'period'}"
        return ", judged without season: too little is known of it" if self.notes else ""

    def to_json(self) -> dict[str, Any]:
        """JSON values, without rows."""
        return {
            "part": self.name,
            "source": self.source,
            "periods": self.periods,
            "rows": self.rows,
            "held": sorted(self.held),
            "performance": self.performance is not None,
            "notes": list(self.notes),
        }
