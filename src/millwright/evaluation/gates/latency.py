"""One row must be answered quickly enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.wording import counted, number

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject

_WARM_UP = 10
_MAX_SECONDS = 3.0  # a slow model is known to be slow after fewer calls


@dataclass(frozen=True, kw_only=True, slots=True)
class Latency:
    """A single row is answered within a time budget, measured in this process without the network.

    Attributes:
        p50_ms: The median may be at most this many milliseconds; None: not judged.
        p95_ms: The 95th percentile may be at most this many milliseconds; None: not judged.
        calls: How many calls are timed at most; fewer when 3 seconds are over.
    """

    name: ClassVar[str] = "latency"
    about: ClassVar[str] = (
        "One row is answered within so many milliseconds (median `p50_ms`, 95th percentile `p95_ms`)."
    )
    example: ClassVar[Mapping[str, Any]] = {"p95_ms": 50}

    p50_ms: float | None = None
    p95_ms: float | None = None
    calls: int = 200

    def __post_init__(self) -> None:
        if self.p50_ms is None and self.p95_ms is None:
            raise ValueError("expected `p50_ms` or `p95_ms`, found neither")
        if self.calls < 1:
            raise ValueError(f"expected at least 1 call, found {self.calls}")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Time calls with one example row each."""
        millis = self._measure(subject)
        p50, p95 = (float(value) for value in np.quantile(millis, [0.5, 0.95]))
        passed = (self.p50_ms is None or p50 <= self.p50_ms) and (self.p95_ms is None or p95 <= self.p95_ms)
        limits = [
            f"{label} at most {number(limit)} ms"
            for label, limit in (("median", self.p50_ms), ("95th percentile", self.p95_ms))
            if limit is not None
        ]
        return GateResult(
            gate=self.name,
            passed=passed,
            value=p95 if self.p95_ms is not None else p50,
            limit=self.p95_ms if self.p95_ms is not None else self.p50_ms,
            reason=f"One row takes {number(p50)} ms in the median and {number(p95)} ms at the 95th percentile of "
            f"{counted(len(millis), 'call')} on {subject.challenger.engine}; asked for: {', '.join(limits)}.",
            details={"p50_ms": p50, "p95_ms": p95, "calls": len(millis), "engine": subject.challenger.engine},
        )

    def _measure(self, subject: GateSubject) -> list[float]:
        rows = [[row] for row in subject.example_rows()]
        if not rows:
            raise ValueError("there is no example row to measure with")
        answer, timer = subject.challenger.predict_rows, subject.timer
        for call in range(_WARM_UP):
            answer(rows[call % len(rows)])
        millis: list[float] = []
        begin = timer()
        while len(millis) < self.calls and timer() - begin < _MAX_SECONDS:
            start = timer()
            answer(rows[len(millis) % len(rows)])
            millis.append(1_000 * (timer() - start))
        return millis
