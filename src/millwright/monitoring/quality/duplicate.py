"""Rows that repeat themselves.

How many rows are equal depends on how many there are, so that the newest rows of the window are compared with as many
of the reference. Retries and loops of a caller show here, and lost joins that give every row the same features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.monitoring.column_table import taken
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import EXAMPLES, Measure
from millwright.monitoring.statistics.chi_square import chi_square_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.monitoring.quality.check import QualitySubject

_CHANCE = 0.01
_SEED = 20_261_122  # of the reference's rows that are compared, when it has more of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate:
    """Looks for equal rows and equal keys.

    Attributes:
        max_rise: Tolerated rise of the share of rows whose features stood in an earlier row already, 0 to 1.
        max_key_share: Tolerated share of keyed rows whose key stood in an earlier row already, 0 to 1; None when a key
            may come back, as that of an entity does.

    Raises:
        InvalidInputError: A share outside 0 to 1.
    """

    kind: ClassVar[AlertKind] = AlertKind.DUPLICATES
    needs_rows: ClassVar[bool] = True

    max_rise: float = 0.1
    max_key_share: float | None = None

    def __post_init__(self) -> None:
        for share in (self.max_rise, self.max_key_share):
            if share is not None and not 0 <= share <= 1:
                raise InvalidInputError(f"Expected a share of duplicates between 0 and 1, found {share}.")

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """One measure of rows, and one of keys where there are any."""
        found = [self._rows(subject)] if subject.inputs.width and subject.reference.height else []
        keys = subject.rows.rows["key"]
        if keys.null_count() < len(keys):
            found.append(self._keys(subject, keys))
        return found

    def _rows(self, subject: QualitySubject) -> Measure:
        size = min(subject.inputs.height, subject.reference.height)
        before = subject.reference
        if before.height > size:
            before = before.sample(size, seed=_SEED)
        repeated = _repeated(subject.inputs.tail(size))
        counts = [int(_repeated(before).sum()), int(repeated.sum())]
        then, now = (count / size for count in counts)
        p_value = chi_square_p(*(np.array([count, size - count]) for count in counts))
        places = subject.inputs.height - size + repeated.arg_true().head(EXAMPLES).to_numpy()
        return Measure(
            column="",
            what="rows",
            expected=then,
            found=now,
            broken=now - then > self.max_rise and p_value < _CHANCE,
            message=f"{now:.1%} of the rows repeat an earlier one (among as many of the reference {then:.1%})",
            p_value=p_value,
            examples=tuple(taken(subject.rows.rows, "id", places)),
            details={"rows": size},
        )

    def _keys(self, subject: QualitySubject, keys: pl.Series) -> Measure:
        repeated = keys.is_not_null() & ~keys.is_first_distinct()
        share = int(repeated.sum()) / (len(keys) - keys.null_count())
        return Measure(
            column="",
            what="keys",
            expected=self.max_key_share,
            found=share,
            broken=self.max_key_share is not None and share > self.max_key_share,
            message=f"{share:.1%} of the keys stood in an earlier row already",
            examples=subject.examples(repeated),
            judged=self.max_key_share is not None,
        )


def _repeated(frame: pl.DataFrame) -> pl.Series:
    """Where a row equals an earlier one, by a hash of 64 bits: of a million rows 3e-8 are taken for equal by chance."""
    return ~frame.hash_rows(seed=0).is_first_distinct()
