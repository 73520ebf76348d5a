"""Raw tables read as a contract says: dates, numbers and missing codes in the forms that people write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from millwright.data.contracts.contract import Contract, ExtraColumns
from millwright.data.contracts.validation import REASONS_COLUMN, ROW_COLUMN, validate
from millwright.data.datasets.normal_form import to_normal_form

if TYPE_CHECKING:
    from millwright.models.signature import Signature


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """A chunk, parted.

    Attributes:
        good: The rows that hold, in the contract's types, k rows.
        rows: Their places in the chunk, from 0; int64, shape (k,).
        bad: The other rows as they came, with `_row` (from 0, over the whole table) and `_reasons` (text).
        reasons: What is wrong with them: how many rows, by reason.
    """

    good: pl.DataFrame
    rows: pl.Series
    bad: pl.DataFrame
    reasons: dict[str, int]


class ContractReader:
    """Parses chunks of a table that is to be predicted.

    What the contract says of columns that neither the table nor the model has does not count, such as of the target;
    nor does what it says of rows together (keys, unique values, other datasets) or of the table as a whole.

    Args:
        contract: Of the table that the model was trained on.
        signature: What the model needs.
    """

    def __init__(self, contract: Contract, signature: Signature) -> None:
        self._contract = contract
        self._needed = {column.name for column in signature.inputs if column.required}

    def parse(self, frame: pl.DataFrame, first_row: int) -> Parsed:
        """Part one chunk.

        Args:
            frame: Rows as they came; the same columns in every chunk.
            first_row: The place of its first row in the whole table.

        Raises:
            InvalidInputError: A column that the model needs is missing.
        """
        names = {*frame.columns, *self._needed}
        rows = pl.int_range(frame.height, eager=True)
        if names.isdisjoint(self._contract.by_name):
            return Parsed(good=frame, rows=rows, bad=frame.clear(), reasons={})
        narrowed = replace(self._contract.row_part(names), extra=ExtraColumns.ALLOW)
        found = validate(to_normal_form(frame), narrowed)  # the contract is for tables as they are stored
        broken = found.quarantined.get_column(ROW_COLUMN) - 1
        bad = found.quarantined.with_columns(
            (broken + first_row).alias(ROW_COLUMN), pl.col(REASONS_COLUMN).list.join("; ")
        )
        return Parsed(
            good=found.valid, rows=rows.filter(~rows.is_in(broken.implode())), bad=bad, reasons=dict(found.reasons)
        )
