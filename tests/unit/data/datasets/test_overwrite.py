from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.core.records.dataset import DatasetKind, DatasetOperation
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.datasets.content_digest import content_digest

ROWS = pl.DataFrame({"id": [3, 1, 2], "name": ["c", "a", None]})


def test_rows_stand_alone_and_have_their_own_digest(catalog: DatasetCatalog) -> None:
    catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    record = catalog.write(ROWS[:1], "d", kind=DatasetKind.TABLE).record
    assert (record.operation, record.parent, record.digest) == (
        DatasetOperation.OVERWRITE,
        None,
        content_digest(ROWS[:1]),
    )
    assert (record.details["added"], record.details["removed"]) == (1, 3)


def test_rows_with_a_key_are_stored_in_its_order(catalog: DatasetCatalog) -> None:
    keyed = WriteOptions(key=("id",))
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE, options=keyed)
    assert first.read()["id"].to_list() == [1, 2, 3]
    assert catalog.write(ROWS.reverse(), "d", kind=DatasetKind.TABLE, options=keyed) == first
    with pytest.raises(InvalidInputError, match="2 rows that share theirs"):
        catalog.write(pl.concat([ROWS, ROWS[:1]]), "d", kind=DatasetKind.TABLE, options=keyed)


def test_contract_refuses_other_columns_before_anything_is_written(catalog: DatasetCatalog) -> None:
    columns = (ColumnContract(name="cost", type=ColumnType.NUMBER),)
    options = WriteOptions(contract=Contract(name="prices", columns=columns))
    with pytest.raises(ContractViolationError, match="column 'cost': expected Float64, found none"):
        catalog.write(ROWS, "d", kind=DatasetKind.TABLE, options=options)
    assert catalog.versions("d") == []
    options = WriteOptions(contract=options.contract, contract_ref="prices@2")
    record = catalog.write(ROWS.with_columns(cost=1.0), "d", kind=DatasetKind.TABLE, options=options).record
    assert record.contract == "prices@2"
