"""What an estimation of performance came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """Performance that labels are expected to show.

    Attributes:
        rows: Answers that it is made from.
        metrics: Metric name → expected value; those that are defined.
        intervals: Metric name → (low, high) in which the realised value on these rows is expected, with the options'
            confidence: the labels are one draw. What the method gets wrong is not in it.
        method: `CBPE` or `DLE`.
        note: What a reader should know of how it was made; may be empty.
    """

    rows: int
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    method: str
    note: str = ""
