"""What is known about a table and its columns; plain values that become JSON.

Values of a column that is suspected to hold personal data are nowhere in these records: see `ColumnProfile.personal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_SHOWN = 3
_WHOLE_FROM = 10_000  # larger numbers are shown without decimals
_LONGEST_SHOWN = 30
HIDDEN = "hidden"


class ProfileKind(StrEnum):
    """What a column's values are."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CATEGORY = "category"  # text with at most 50 different values
    TEXT = "text"
    OTHER = "other"  # lists, records, bytes and the like; only missing values are counted


class SemanticKind(StrEnum):
    """What a column's values stand for, as inferred from its name and values."""

    IDENTIFIER = "identifier"  # nearly every row has another one
    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    IP_ADDRESS = "ip_address"
    UUID = "uuid"
    IBAN = "iban"  # its check digits hold
    CARD_NUMBER = "card_number"  # of a payment card: its Luhn digit holds
    NATIONAL_ID = "national_id"  # of a person; checked where the scheme has check digits
    PERSON_NAME = "person_name"  # by the column's name
    BIRTH_DATE = "birth_date"  # by the column's name
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    CURRENCY = "currency"
    MONEY = "money"  # text such as `$1,200.00`
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    DATE_TEXT = "date_text"
    BOOLEAN_TEXT = "boolean_text"
    NUMBER_TEXT = "number_text"
    CATEGORICAL = "categorical"
    FREE_TEXT = "free_text"


@dataclass(frozen=True, kw_only=True, slots=True)
class TopValue:
    """A frequent value.

    Attributes:
        value: A JSON value; dates and times as ISO text.
        count: Number of rows.
    """

    value: Any
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """How many values are in each of several adjoining bins.

    Attributes:
        edges: n + 1 rising numbers; dates and times as seconds since 1970 (UTC). A bin holds its lower edge and not its
            upper one, but for the last, which holds both.
        counts: n numbers of values; finite ones only.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLengths:
    """How long the texts of a column are, in characters (code points).

    Attributes:
        minimum: Of the shortest.
        mean: Of all that are there.
        maximum: Of the longest.
        quantiles: Quantile, such as `0.5` → length, as for numbers.
    """

    minimum: int
    mean: float
    maximum: int
    quantiles: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnProfile:
    """One column.

    Attributes:
        name: Its name.
        kind: What its values are.
        rows: Number of rows, missing ones included.
        nulls: Number of missing values, NaN included.
        distinct: Number of different values that are there; 0 for `other`.
        minimum: Lowest value, as a JSON value; None without values, and for text and booleans.
        maximum: Highest value likewise.
        mean: Mean of the values of numbers; None without values. Infinite values make it infinite or None.
        deviation: Standard deviation of numbers (n - 1); None with fewer than two values.
        quantiles: Quantile, such as `0.25` → value, of finite numbers.
        top: The most frequent values, at most ten, ties by value; empty for columns that are measured and for
            identifiers.
        constant: Whether there is one value only, in every row that has any.
        id_like: Whether at least 99 % of 20 or more values differ, in text or whole numbers.
        high_cardinality: Whether text has more than 50 different values without being like an identifier.
        semantic: What the values stand for; None where nothing is recognised.
        personal: What kind of personal data the values seem to be; None where none is suspected. Then `minimum`,
            `maximum`, `mean`, `deviation`, `quantiles`, `top` and `histogram` are empty, whatever the values are.
        histogram: Twenty bins of equal width over finite numbers, dates or times; None where there are none, and where
            floats cannot tell the edges apart.
        lengths: Of texts; None for other columns and without values.
    """

    name: str
    kind: ProfileKind
    rows: int
    nulls: int
    distinct: int = 0
    minimum: Any = None
    maximum: Any = None
    mean: float | None = None
    deviation: float | None = None
    quantiles: Mapping[str, float] = field(default_factory=dict)
    top: tuple[TopValue, ...] = ()
    constant: bool = False
    id_like: bool = False
    high_cardinality: bool = False
    semantic: SemanticKind | None = None
    personal: SemanticKind | None = None
    histogram: Histogram | None = None
    lengths: TextLengths | None = None

    def summary(self) -> str:
        """The values in a few words: their span or the most frequent ones; `hidden` for personal data."""
        if self.nulls == self.rows:
            return "no values"
        if self.personal is not None:
            return HIDDEN
        if self.top and self.minimum is None:
            present = self.rows - self.nulls
            words = [f"{_short(one.value)} ({_share(one.count / present)})" for one in self.top[:_SHOWN]]
            return ", ".join(words) + (", …" if self.distinct > _SHOWN else "")
        if self.minimum is not None:
            span = f"{_short(self.minimum)} to {_short(self.maximum)}"
            return span if self.mean is None else f"{span}, mean {_short(self.mean)}"
        return "identifiers" if self.id_like else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Correlation:
    """How far two columns go together.

    Attributes:
        first: A column.
        second: A later column.
        measure: `pearson` and `spearman` for two numbers, from -1 to 1; `cramers_v` for two categories and
            `correlation_ratio` (eta) for a category and a number, from 0 to 1.
        value: The measure.
    """

    first: str
    second: str
    measure: str
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TableProfile:
    """A table.

    Attributes:
        rows: Number of rows.
        columns: In the table's order.
        correlations: Of pairs of columns; empty where none were asked for.
        correlated_rows: Of how many rows, taken evenly from the table, the correlations are.
        rank_error: 0 when all facts are exact. Otherwise the profile was made of merged summaries, and quantiles are
            values whose rank is off by at most this share of the rows (with 99 % confidence).
        distinct_error: Likewise by which share `distinct` may be off.
        count_error: Likewise by which share of the rows the counts of the most frequent values may be too high.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    correlations: tuple[Correlation, ...] = ()
    correlated_rows: int = 0
    rank_error: float = 0.0
    distinct_error: float = 0.0
    count_error: float = 0.0

    @property
    def is_exact(self) -> bool:
        """Whether every fact was counted, none estimated."""
        return not (self.rank_error or self.distinct_error or self.count_error)

    def column(self, name: str) -> ColumnProfile:
        """A column's profile.

        Raises:
            KeyError: There is no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "<1%"


def _short(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = str(value)
        return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:,.4g}"
