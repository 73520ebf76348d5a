"""Numbers below or above the range of the reference.

The range is that of the reference's rows and of what the signature remembers of training, widened by a tolerance. Even
an undrifted window has values beyond the largest of n reference rows: of m new ones m/(n+1) are expected. A share
therefore counts only if the exceedance test agrees: the probability that the k largest of n + m exchangeable values are
all of the window, C(m,k)/C(n+m,k) (Gumbel and von Schelling, The distribution of the number of exceedances, 1950).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.core.errors import InvalidInputError
from millwright.evaluation.wording import number
from millwright.models.column import ColumnType, SignatureColumn
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.monitoring.quality.check import QualitySubject


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfRange:
    """Looks for numbers outside the reference's range.

    Attributes:
        tolerance: By which part of its width the range is widened at both ends, ≥ 0.
        max_share: Tolerated share of the present values beyond one end, 0 to 1.
        false_discovery_rate: As for drift, over both ends of all columns.

    Raises:
        InvalidInputError: A number outside its range.
    """

    kind: ClassVar[AlertKind] = AlertKind.OUT_OF_RANGE
    needs_rows: ClassVar[bool] = True

    tolerance: float = 0.1
    max_share: float = 0.01
    false_discovery_rate: float = 0.05

    def __post_init__(self) -> None:
        if not (0 <= self.max_share <= 1 and self.tolerance >= 0):
            raise InvalidInputError(
                "Expected a tolerance of 0 or more and a share between 0 and 1, "
                f"found {self.tolerance} and {self.max_share}."
            )

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """One measure per end of each numeric column with values on both sides."""
        ends = [
            end
            for column in subject.signature.inputs
            if column.type in (ColumnType.NUMBER, ColumnType.INTEGER)
            for end in self._ends(subject, column)
        ]
        rejected = benjamini_hochberg([end["p_value"] for end in ends], self.false_discovery_rate)
        return [self._told(subject, end, agrees=agrees) for end, agrees in zip(ends, rejected, strict=True)]

    def _ends(self, subject: QualitySubject, column: SignatureColumn) -> list[dict[str, Any]]:
        before, values = subject.reference[column.name].drop_nulls(), subject.inputs[column.name]
        present = len(values) - values.null_count()
        if before.is_empty() or not present:
            return []
        low, high = _range(before, column)
        room = self.tolerance * ((high - low) or abs(high))
        found = []
        for end, mask in (("below", values < low - room), ("above", values > high + room)):
            beyond = int(mask.sum())
            found.append(
                {
                    "column": column.name,
                    "end": end,
                    "limit": low - room if end == "below" else high + room,
                    "range": [low, high],
                    "share": beyond / present,
                    "mask": mask if beyond else None,
                    "extreme": values.min() if end == "below" else values.max(),
                    "p_value": exceedance_p(beyond, reference=len(before), current=present),
                }
            )
        return found

    def _told(self, subject: QualitySubject, end: dict[str, Any], *, agrees: bool) -> Measure:
        name, share, side = end["column"], end["share"], end["end"]
        return Measure(
            column=name,
            what=side,
            expected={"min": end["range"][0], "max": end["range"][1], "limit": end["limit"]},
            found={"share": share, "extreme": end["extreme"]},
            broken=agrees and share > self.max_share,
            message=f"{name} lies {side} {number(end['limit'])} in {share:.1%} of the values "
            f"(found {number(end['extreme'])})",
            p_value=end["p_value"],
            examples=() if end["mask"] is None else subject.examples(end["mask"]),
        )


def exceedance_p(beyond: int, *, reference: int, current: int) -> float:
    """The probability that at least so many of the most extreme values are all of the window.

    Args:
        beyond: How many of the window's values lie beyond all of the reference's, k.
        reference: Values of the reference, n ≥ 1.
        current: Values of the window, m ≥ k.

    Returns:
        C(m,k)/C(n+m,k), 0 to 1; 1 for none.

    Examples:
        >>> exceedance_p(1, reference=99, current=1)
        0.01
    """
    total = reference + current
    parts = (math.lgamma(current + 1), -math.lgamma(current - beyond + 1))
    whole = (math.lgamma(total + 1), -math.lgamma(total - beyond + 1))
    return min(1.0, round(math.exp(sum(parts) - sum(whole)), 12))


def _range(before: pl.Series, column: SignatureColumn) -> tuple[float, float]:
    low, high = float(before.min()), float(before.max())  # type: ignore[arg-type]
    if column.minimum is not None:
        low = min(low, column.minimum)
    if column.maximum is not None:
        high = max(high, column.maximum)
    return low, high
