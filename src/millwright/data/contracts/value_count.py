"""The distinct values of a text column with their counts: what every guess about the column is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Parse = Callable[[pl.Expr], pl.Expr]  # text without surrounding blanks → values, null where it does not fit

_Way = TypeVar("_Way")

# Words that mean "no value" wherever numbers or dates are expected; compared in lower case.
MISSING_WORDS = frozenset(
    [
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "<na>",
        "nan",
        "null",
        "(null)",
        "nil",
        "none",
        "(blank)",
        "missing",
        "unknown",
        "unk",
        "tbd",
        "tba",
        "n.d.",
        "-",
        "--",
        "---",
        "?",
        ".",
        "..",
        "not available",
        "not applicable",
        "not known",
    ]
)
_CODE = r"^[A-Za-z#<(][A-Za-z_/&.>) -]{0,14}$|^[^\pL\pN]{1,4}$"
_MAX_CODES = 20  # a list that a person can still check
_STRAY_SHARE = 0.02  # what typing errors and codes may make up without further evidence
_MAX_TYPOS = 5
_MIN_SHARE = 0.2  # of a column that is mostly codes, so much must be values
_MIN_DISTINCT = 20  # … and so many different ones, or the codes may be the values


@dataclass(frozen=True)
class ValueCounts:
    """A text column's distinct values, without blanks around them; nothing and blanks are left out.

    Attributes:
        frame: Columns `value` (String) and `count`, in no order.
        rows: Number of rows of the column, missing ones included.
        sample: Up to a thousand values from all over the column.
    """

    frame: pl.DataFrame
    rows: int
    sample: pl.DataFrame

    @classmethod
    def of(cls, column: pl.Series) -> ValueCounts:
        """Count a column's values."""
        stripped = column.cast(pl.String).str.strip_chars().alias("value")
        present = stripped.filter(stripped != "")
        sample = present.gather_every(max(1, present.len() // 1000)).to_frame()
        return cls(present.value_counts(), column.len(), sample)

    @cached_property
    def present(self) -> int:
        """Number of rows with a value."""
        return int(self.frame["count"].sum())

    @cached_property
    def distinct(self) -> int:
        """Number of different values."""
        return self.frame.height

    def sample_shares(self, parses: Mapping[_Way, Parse]) -> dict[_Way, float]:
        """For each way of parsing, the share of the sampled values that fit, words for missing left out."""
        words = pl.col("value").str.to_lowercase().is_in(list(MISSING_WORDS))
        considered = self.sample.filter(~words)
        if considered.is_empty() or not parses:
            return dict.fromkeys(parses, 0.0)
        fits = [parse(pl.col("value")).is_not_null().mean().alias(str(n)) for n, parse in enumerate(parses.values())]
        return dict(zip(parses, considered.lazy().select(fits).collect().row(0), strict=True))

    def parsed(self, parse: Parse) -> ParsedCounts:
        """Which values can be parsed."""
        return ParsedCounts(self.frame.with_columns(parse(pl.col("value")).alias("parsed")))


@dataclass(frozen=True)
class ParsedCounts:
    """A guess at a column: which of its values fit.

    Attributes:
        frame: Columns `value`, `count` and `parsed`, which is null where the value does not fit.
    """

    frame: pl.DataFrame

    @cached_property
    def fitting(self) -> pl.DataFrame:
        """The values that fit."""
        return self.frame.filter(pl.col("parsed").is_not_null())

    @cached_property
    def weight(self) -> int:
        """Number of rows whose value fits."""
        return int(self.fitting["count"].sum())

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The values that don't fit, the most frequent first."""
        left = self.frame.filter(pl.col("parsed").is_null()).sort("count", "value", descending=[True, False])
        return tuple(left["value"].head(_MAX_CODES + len(MISSING_WORDS) + 1))

    def is_plausible(self, *, typos: bool) -> bool:
        """Whether the values that don't fit are few or look like codes, so that the others say what the column is.

        Args:
            typos: Whether up to 5 stray values may have digits, as in a mistyped date. Not so for numbers, where `12B`
                says that the column holds no numbers.
        """
        left = self.frame.filter(
            pl.col("parsed").is_null() & ~pl.col("value").str.to_lowercase().is_in(list(MISSING_WORDS))
        )
        if not self.weight or left.height > _MAX_CODES:
            return False
        if left.is_empty():
            return True
        strange = left.filter(~pl.col("value").str.contains(_CODE))
        rows = self.weight + int(left["count"].sum())
        with_digits = int(strange["value"].str.contains(r"\d").sum())
        if strange["count"].sum() > _STRAY_SHARE * rows or with_digits > (_MAX_TYPOS if typos else 0):
            return False
        varied = self.fitting.height >= max(_MIN_DISTINCT, 3 * left.height)
        return self.weight >= (1 - _STRAY_SHARE) * rows or (varied and self.weight >= _MIN_SHARE * rows)
