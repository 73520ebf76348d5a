"""The encoder: raw columns to one matrix of 32-bit floats, the same for training, native and compiled models.

It is declarative: a list of encoded columns that is stored as JSON, holds no code, and runs over whole tables
(Polars) and over single rows (plain Python; some microseconds) with bit-identical results. Everything that an
estimator sees is float32, so that scikit-learn and ONNX Runtime start from the same numbers.

| raw column | encoded columns |
|---|---|
| number, integer, boolean | the value; null is NaN |
| number or integer with nulls in training | also `<name>__missing`, 1 where null |
| category | a code: 0 missing, 1 other (unseen, or beyond the 50 most frequent), 2… the categories |
| date | `<name>__days` since 1970-01-01 UTC, `<name>__month` 1-12, `<name>__weekday` 1 (Monday)-7; null is NaN |
| text | `<name>__length` in characters; null is NaN |

Numbers further than ten times the range seen in training from its ends, or beyond 1e18, are drawn in to that distance:
no tree changes its mind out there, and neither distances nor sums overflow 32 bits. Codes of categories are labels for
a one-hot encoder, not quantities. What the encoder learns (ranges, frequent categories) doesn't look at the target.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.conform import conform
from millwright.models.feature import FIRST_CODE, MISSING_CODE, OTHER_CODE, EncodedColumn, Part
from millwright.models.moment import MICROSECONDS_PER_DAY
from millwright.models.rowcoder import RowCoder
from millwright.models.single_row import SingleRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from millwright.models.graph import BoundRow
    from millwright.models.outcome import Outcome
    from millwright.models.signature import Signature

MAX_CATEGORIES = 50
_CLIP_RANGES = 10.0
_LARGEST = 1e18  # its square is still a 32-bit float
_GREATEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoder:
    """What turns raw rows into an estimator's matrix.

    Attributes:
        columns: The matrix's columns, in order.
    """

    columns: tuple[EncodedColumn, ...]
    _coder: RowCoder = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_coder", RowCoder(self.columns))

    @classmethod
    def fit(cls, frame: pl.DataFrame, signature: Signature) -> Encoder:
        """The encoder for a training table.

        Args:
            frame: The raw training rows.
            signature: Inferred from the same rows.
        """
        typed = conform(frame, signature)
        return cls(
            columns=tuple(
                encoded for column in signature.inputs for encoded in _plan(column, typed.get_column(column.name))
            )
        )

    @classmethod
    def passing(cls, signature: Signature) -> Encoder:
        """The encoder for a model that takes raw numbers, integers and booleans as they are.

        Args:
            signature: Of such columns only.
        """
        return cls(
            columns=tuple(
                EncodedColumn(name=column.name, source=column.name, part=Part.VALUE, low=-_GREATEST, high=_GREATEST)
                for column in signature.inputs
            )
        )

    @property
    def number_indexes(self) -> tuple[int, ...]:
        """Positions of the columns that are quantities (0 and 1 among them)."""
        return tuple(index for index, column in enumerate(self.columns) if column.part is not Part.CODE)

    @property
    def category_indexes(self) -> tuple[int, ...]:
        """Positions of the columns that are codes of categories."""
        return tuple(index for index, column in enumerate(self.columns) if column.part is Part.CODE)

    def encode(self, frame: pl.DataFrame, signature: Signature) -> NDArray[np.float32]:
        """A raw table as a matrix.

        Args:
            frame: n rows, also none; brought to the signature's types (see `conform`).
            signature: The one the encoder was fitted with.

        Returns:
            float32, C order, shape (n, columns); NaN for null numbers; no infinities.

        Raises:
            InvalidInputError: Columns are missing or of the wrong type.
        """
        typed = conform(frame, signature)
        matrix = np.empty((frame.height, len(self.columns)), dtype=np.float32)
        for index, column in enumerate(self.columns):
            values = _encode_column(typed.get_column(column.source), column).cast(pl.Float64)
            matrix[:, index] = (values.fill_null(float("nan")) if values.null_count() else values).to_numpy()
        return matrix

    def encode_rows(self, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.float32]:
        """Raw rows that passed the signature's check, as a matrix: see `RowCoder.encode`."""
        return self._coder.encode(rows)

    def single_row(self, names: Sequence[str], graph: BoundRow | None, outcome: Outcome) -> SingleRow | None:
        """What answers one raw row by a graph; None without one."""
        return None if graph is None else SingleRow(names, self._coder, graph, outcome)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"columns": [column.to_json() for column in self.columns]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Encoder:
        """From what `to_json` gave.

        Raises:
            InvalidInputError: Something is missing or of the wrong kind.
        """
        try:
            return cls(columns=tuple(EncodedColumn.from_json(column) for column in data["columns"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInputError(
                f"Expected an encoder as JSON, found something else ({type(error).__name__}: {error})."
            ) from error


def _plan(column: SignatureColumn, series: pl.Series) -> list[EncodedColumn]:
    name = column.name
    if column.type is ColumnType.CATEGORY:
        kept = column.categories[:MAX_CATEGORIES]
        return [EncodedColumn(name=name, source=name, part=Part.CODE, categories=kept)]
    if column.type is ColumnType.BOOLEAN:
        return [EncodedColumn(name=name, source=name, part=Part.VALUE)]
    if column.type is ColumnType.TEXT:
        lengths = series.str.len_chars()
        low, high = _limits(lengths.min(), lengths.max())
        return [EncodedColumn(name=f"{name}__length", source=name, part=Part.LENGTH, low=low, high=high)]
    low, high = _limits(column.minimum, column.maximum)
    if column.type is ColumnType.DATE:
        return [
            EncodedColumn(name=f"{name}__days", source=name, part=Part.DAYS, low=low, high=high),
            EncodedColumn(name=f"{name}__month", source=name, part=Part.MONTH),
            EncodedColumn(name=f"{name}__weekday", source=name, part=Part.WEEKDAY),
        ]
    value = EncodedColumn(name=name, source=name, part=Part.VALUE, low=low, high=high)
    if not column.nullable:
        return [value]
    return [value, EncodedColumn(name=f"{name}__missing", source=name, part=Part.MISSING)]


def _limits(minimum: Any, maximum: Any) -> tuple[float, float]:
    if minimum is None or maximum is None:
        return (-1.0, 1.0)
    low, high = float(minimum), float(maximum)
    # Columns of one value have no range; their size stands in for it.
    margin = _CLIP_RANGES * ((high - low) or max(abs(low), 1.0))
    return max(low - margin, -_LARGEST), min(high + margin, _LARGEST)


def _encode_column(series: pl.Series, column: EncodedColumn) -> pl.Series:
    if column.part is Part.CODE:
        codes = [FIRST_CODE + index for index in range(len(column.categories))]
        known = series.replace_strict(
            pl.Series(list(column.categories), dtype=pl.String),
            pl.Series(codes, dtype=pl.Float64),
            default=OTHER_CODE,
            return_dtype=pl.Float64,
        )
        return known.set(series.is_null(), MISSING_CODE)
    if column.part is Part.MISSING:
        return series.is_null()
    values = _READERS[column.part](series).cast(pl.Float64)
    return values if column.low is None or _is_within(values, column) else values.clip(column.low, column.high)


def _is_within(values: pl.Series, column: EncodedColumn) -> bool:
    """Whether nothing has to be drawn in, as is usual: looking is much cheaper than drawing in."""
    smallest: Any = values.min()
    largest: Any = values.max()
    return smallest is None or bool(smallest >= column.low and largest <= column.high)


def _days(series: pl.Series) -> pl.Series:
    return series.to_physical().cast(pl.Float64) / MICROSECONDS_PER_DAY


_READERS: Mapping[Part, Callable[[pl.Series], pl.Series]] = {
    Part.VALUE: lambda series: series,
    Part.DAYS: _days,
    Part.MONTH: lambda series: series.dt.month(),
    Part.WEEKDAY: lambda series: series.dt.weekday(),
    Part.LENGTH: lambda series: series.str.len_chars(),
}
