"""Repaired rows judged again: those that hold go back into the dataset, in their places or by their key.

Every row is accounted for. As long as the rows stand where the quarantine says, the dataset's latest version with the
repaired values in their places is validated as a whole, so that uniqueness, keys and rules across rows count. What
holds is written; what breaks the contract becomes the quarantine's next version. When the dataset has moved on so that
the rows stand elsewhere, rows that hold by themselves are merged by the contract's key.

Order of writes: the dataset, then the quarantine. A process that dies in between leaves repaired rows in both; the next
replay finds them in their places already, and takes them out of the quarantine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import ConflictError, IntegrityError, NotFoundError, StateTransitionError
from millwright.data.contracts.validation import ROW_COLUMN, validate
from millwright.data.quarantine.checked import holds
from millwright.data.quarantine.repair import OWN_COLUMNS

if TYPE_CHECKING:
    from millwright.data.contracts.context import ValidationContext
    from millwright.data.contracts.contract import Contract
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay makes of a quarantine.

    Attributes:
        accepted: The rows that hold now, as raw values in the dataset's columns, or as many as the quarantine has.
        table: The dataset's rows with the accepted ones in their places; None when they are to be merged by key.
        quarantined: What breaks the contract, as `Validation.quarantined` has it.
        reasons: Reason → number of such rows.
        whole: Whether every row of the dataset holds now.
    """

    accepted: pl.DataFrame
    table: pl.DataFrame | None
    quarantined: pl.DataFrame
    reasons: Mapping[str, int]
    whole: bool


def judge(
    rows: pl.DataFrame, contract: Contract, base: Dataset, origin: pl.DataFrame | None, context: ValidationContext
) -> Replayed:
    """Judge a quarantine's rows again.

    Args:
        rows: The quarantine's rows, repaired or not.
        contract: What must hold.
        base: The dataset's latest version.
        origin: The rows of the version that they were set aside from; None when they cannot be read any more.
        context: The time, the former version, other datasets.

    Raises:
        ConflictError: The rows stand elsewhere in the latest version, and the contract has no key to find them by.
    """
    raw = rows.drop(OWN_COLUMNS)
    table = base.read()
    if _stand(table, origin, rows):
        return _in_place(table, rows, contract, context)
    if contract.key is None:
        raise ConflictError(
            f"The rows of {base.record.dataset} are not where they were when these were set aside, and the contract "
            f"'{contract.name}' has no key to find them by.",
            hint=f"Set them aside anew: mw data validate {base.record.dataset} --contract CONTRACT --quarantine",
        )
    result = validate(raw, contract, context)
    broken = result.quarantined[ROW_COLUMN] - 1
    accepted = raw.filter(~pl.int_range(pl.len()).is_in(broken.implode()))
    left = result.quarantined.with_columns(rows[ROW_COLUMN].gather(broken).alias(ROW_COLUMN))
    return Replayed(accepted, None, left, result.reasons, whole=False)


def origin_rows(datasets: DatasetCatalog, ref: str) -> pl.DataFrame | None:
    """The rows that a quarantine was taken from; None when they cannot be read any more."""
    try:
        return datasets.get(ref).read()
    except (NotFoundError, IntegrityError, StateTransitionError):
        return None


def _stand(table: pl.DataFrame, origin: pl.DataFrame | None, rows: pl.DataFrame) -> bool:
    """Whether each row is where it was when it was set aside: with its former values, or the repaired ones."""
    places = rows[ROW_COLUMN] - 1
    raw = rows.drop(OWN_COLUMNS)
    highest = int(places.max()) if places.len() else -1  # type: ignore[arg-type]
    if origin is None or highest >= min(table.height, origin.height) or not set(raw.columns) <= set(table.columns):
        return False
    here, there = (frame[places].select(raw.columns) for frame in (table, origin))
    if here.schema != raw.schema or there.schema != raw.schema:
        return False
    return bool((_same(here, there) | _same(here, raw)).all())


def _same(one: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """Which rows are equal in every column; null equals null."""
    columns = [one[name].eq_missing(other[name]).alias(str(number)) for number, name in enumerate(one.columns)]
    return pl.DataFrame(columns).select(pl.all_horizontal(pl.all())).to_series()


def _in_place(table: pl.DataFrame, rows: pl.DataFrame, contract: Contract, context: ValidationContext) -> Replayed:
    result = validate(_placed(table, rows), contract, context)
    accepted = rows.filter(~pl.col(ROW_COLUMN).is_in(result.quarantined[ROW_COLUMN].implode()))
    return Replayed(accepted, _placed(table, accepted), result.quarantined, result.reasons, whole=holds(result))


def _placed(table: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The table with some rows' values in their places; columns that they lack keep theirs."""
    if rows.is_empty():
        return table
    places = rows[ROW_COLUMN] - 1
    raw = rows.drop(OWN_COLUMNS)
    here = table[places]
    values = here.with_columns(raw[name] for name in raw.columns)
    order = pl.int_range(table.height, eager=True).scatter(
        places, pl.int_range(table.height, table.height + rows.height, eager=True)
    )
    return pl.concat([table, values])[order]
