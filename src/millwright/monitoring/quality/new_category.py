"""Categories that the reference does not have.

Of a column with many categories, an undrifted window has some that n reference rows happened not to meet; the expected
share of such rows is f₁/n, with f₁ the categories that the reference met once (Good, The population frequencies of
species and the estimation of population parameters, 1953, with the idea of Turing). What is beyond that share counts,
if a two-sample test agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.profiles.measuring import suspected
from millwright.data.profiles.record import HIDDEN
from millwright.models.column import ColumnType, SignatureColumn
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import Measure
from millwright.monitoring.statistics.chi_square import chi_square_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.monitoring.quality.check import QualitySubject

_NAMED = 10  # categories that a measure names, the most frequent ones


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCategory:
    """Looks for categories that are new.

    Attributes:
        max_share: Tolerated share of rows with a new category beyond the expected share, 0 to 1.
        false_discovery_rate: As for drift.

    Raises:
        InvalidInputError: A share outside 0 to 1.
    """

    kind: ClassVar[AlertKind] = AlertKind.NEW_CATEGORIES
    needs_rows: ClassVar[bool] = True

    max_share: float = 0.01
    false_discovery_rate: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.max_share <= 1:
            raise InvalidInputError(f"Expected a share of new categories between 0 and 1, found {self.max_share}.")

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """One measure per categorical column with values on both sides."""
        columns = [column for column in subject.signature.inputs if column.type is ColumnType.CATEGORY]
        found = [each for each in (_look(subject, column) for column in columns) if each is not None]
        rejected = benjamini_hochberg([each["p_value"] for each in found], self.false_discovery_rate)
        return [self._told(subject, each, agrees=agrees) for each, agrees in zip(found, rejected, strict=True)]

    def _told(self, subject: QualitySubject, seen: dict[str, Any], *, agrees: bool) -> Measure:
        share, expected = seen["share"], seen["expected"]
        named = ", ".join(f"'{name}'" for name in list(seen["which"])[:3])
        return Measure(
            column=seen["column"],
            what="share",
            expected=expected,
            found=share,
            broken=agrees and share - expected > self.max_share,
            message=f"{seen['column']} has new categories in {share:.1%} of the rows ({named})",
            p_value=seen["p_value"],
            examples=subject.examples(seen["mask"]) if share else (),
            details={"which": seen["which"], "categories": seen["categories"]},
        )


def _look(subject: QualitySubject, column: SignatureColumn) -> dict[str, Any] | None:
    before, values = subject.reference[column.name].drop_nulls(), subject.inputs[column.name]
    present = len(values) - values.null_count()
    if before.is_empty() or not present:
        return None
    counts = before.value_counts()
    known = pl.concat([counts[column.name], pl.Series(column.name, column.categories, dtype=pl.String)]).unique()
    mask = values.is_not_null() & ~values.is_in(known.implode())
    new = values.filter(mask)
    once = int((counts["count"] == 1).sum())
    seen = np.array([once, len(before) - once]), np.array([len(new), present - len(new)])
    which = new.value_counts(sort=True).head(_NAMED)
    personal = suspected(values) is not None or suspected(before) is not None
    return {
        "column": column.name,
        "mask": mask,
        "share": len(new) / present,
        "expected": once / len(before),
        "p_value": chi_square_p(*seen) if len(new) else 1.0,
        "which": {HIDDEN: len(new)} if personal and len(new) else dict(which.iter_rows()),
        "categories": new.n_unique(),
    }
