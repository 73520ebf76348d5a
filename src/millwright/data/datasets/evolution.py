"""Which rows may join a table: those with its columns, and on request wider ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.data.datasets.normal_form import type_instance

if TYPE_CHECKING:
    from millwright.data.contracts.contract import Contract

_SHOWN = 5
_INTEGERS: tuple[type[pl.DataType], ...] = (pl.Int8, pl.Int16, pl.Int32, pl.Int64)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evolved:
    """Rows that fit a table, and the columns that it has with them.

    Attributes:
        rows: With all columns of the schema, in its order and types.
        schema: The table's columns, new ones behind those that were there.
        widened: Whether a column that was there has another type now, so that every file must be written anew.
    """

    rows: pl.DataFrame
    schema: pl.Schema
    widened: bool


def evolve(
    current: pl.Schema, rows: pl.DataFrame, *, ref: str, allowed: bool, contract: Contract | None = None
) -> Evolved:
    """Bring rows into the form of the table that they are to join.

    Columns are matched by name. Values of a narrower type become the table's type; a column of nothing but null takes
    it too. With `allowed`, columns that the table lacks are added, and types of the table become wider: integers,
    `Float32` to `Float64`, integers of up to 32 bits to `Float64`, decimals that keep all digits, and lists of such.

    Args:
        current: The table's columns.
        rows: In normal form.
        ref: The table's version, for the message.
        allowed: Whether the columns may change.
        contract: What the table's columns have to keep to afterwards.

    Raises:
        InvalidInputError: A column is missing, is new or has another type, and may not.
        ContractViolationError: The contract does not allow the columns.
    """
    schema: dict[str, pl.DataType] = dict(current)
    faults, curable = [], []
    for name, expected in current.items():
        found = rows.schema.get(name)
        if found is None:
            faults.append(f"column '{name}': expected {expected}, found none")
        elif found == expected or rows[name].null_count() == rows.height or _widens(found, expected):
            continue
        elif _widens(expected, found):
            schema[name] = found
            curable.append(f"column '{name}': expected {expected}, found {found}")
        else:
            faults.append(f"column '{name}': expected {expected}, found {found}")
    folded = {name.casefold(): name for name in current}
    for name, found in rows.schema.items():
        if name in current:
            continue
        if name.casefold() in folded:
            faults.append(f"column '{name}': expected '{folded[name.casefold()]}', found another case of its letters")
        else:
            schema[name] = found
            curable.append(f"column '{name}': expected none, found {found}")
    if faults or (curable and not allowed):
        raise _refused(ref, faults, curable)
    target = pl.Schema(schema)
    if contract is not None:
        check_contract(target, contract, ref=ref)
    return Evolved(
        rows=rows.select(pl.col(name).cast(dtype) for name, dtype in target.items()),
        schema=target,
        widened=any(target[name] != dtype for name, dtype in current.items()),
    )


def conform(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Rows of an older schema in a newer one: null in new columns, values in the wider types."""
    return rows.select(
        pl.col(name).cast(dtype) if name in rows.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in schema.items()
    )


def check_contract(schema: pl.Schema, contract: Contract, *, ref: str) -> None:
    """Refuse columns that a contract does not allow.

    Args:
        schema: Of the version that is to be made.
        contract: What the columns are compared with; rules about values are not.
        ref: What the version is for, for the message.

    Raises:
        ContractViolationError: A column of the contract is missing or has another type.
    """
    from millwright.data.contracts.parsed_column import stored_type  # all of contracts takes a while

    faults = []
    for column in contract.columns:
        expected, found = stored_type(column), schema.get(column.name)
        if found is None:
            faults.append(f"column '{column.name}': expected {expected}, found none")
        elif not (found == expected or _widens(found, expected) or _both_times(found, expected)):
            faults.append(f"column '{column.name}': expected {expected}, found {found}")
    if faults:
        raise ContractViolationError(
            f"Expected the columns of the contract '{contract.name}' in {ref}, found others: {_listed(faults)}.",
            hint="Bring the rows in line, or change the contract first.",
        )


def _refused(ref: str, faults: list[str], curable: list[str]) -> InvalidInputError:
    if faults:
        hint = "Bring the columns in line, or write the whole table anew."
    else:
        hint = "Bring the columns in line, or allow the change with evolve=True (--evolve)."
    return InvalidInputError(f"Expected the columns of {ref}, found others: {_listed([*faults, *curable])}.", hint=hint)


def _listed(faults: list[str]) -> str:
    rest = len(faults) - _SHOWN
    return "; ".join(faults[:_SHOWN]) + (f"; and {rest} more" if rest > 0 else "")


def _widens(narrow: pl.DataType, wide: pl.DataType) -> bool:
    """Whether every value of one type is one of another, too."""
    if narrow == wide:
        return True
    if isinstance(narrow, pl.List) and isinstance(wide, pl.List):
        return _widens(type_instance(narrow.inner), type_instance(wide.inner))
    if isinstance(narrow, pl.Decimal) and isinstance(wide, pl.Decimal):
        whole, wider = narrow.precision - narrow.scale, wide.precision - wide.scale
        return narrow.scale <= wide.scale and whole <= wider
    if isinstance(narrow, _INTEGERS) and isinstance(wide, _INTEGERS):
        return _INTEGERS.index(type(narrow)) <= _INTEGERS.index(type(wide))
    return isinstance(wide, pl.Float64) and isinstance(narrow, (pl.Float32, pl.Int8, pl.Int16, pl.Int32))


def _both_times(found: pl.DataType, expected: pl.DataType) -> bool:
    return isinstance(found, pl.Datetime) and isinstance(expected, pl.Datetime)
