from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetKind, DatasetOperation

if TYPE_CHECKING:
    from millwright.data.datasets.catalog import DatasetCatalog

ROWS = pl.DataFrame({"id": range(10), "cost": [None if number == 4 else float(number) for number in range(10)]})

pytestmark = pytest.mark.usefixtures("small_files")


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("cost > 2", [0, 1, 2, 4]),  # what is null is not true
        ("cost IS NULL OR id IN (0, 9)", [1, 2, 3, 5, 6, 7, 8]),
        (pl.col("id").is_between(3, 5), [0, 1, 2, 6, 7, 8, 9]),
        ("id = MAX(id)", [0, 1, 2, 3, 4, 5, 6, 7, 8]),  # of the whole table, not of a file
        ("1 = 1", []),
    ],
)
def test_rows_go_for_which_the_condition_is_true(condition: Any, left: list[int], catalog: DatasetCatalog) -> None:
    catalog.write(ROWS, "d", kind=DatasetKind.SOURCE)
    after = catalog.delete("d", condition)
    assert after.verify()["id"].to_list() == left
    assert after.read().schema == ROWS.schema
    assert after.record.details["removed"] == 10 - len(left)
    assert after.record.details["where"] == str(condition)
    assert (after.record.operation, after.record.parent) == (DatasetOperation.DELETE, 1)
    assert after.record.kind is DatasetKind.SOURCE
    assert catalog.get("d@1").verify().equals(ROWS)


def test_files_without_such_a_row_stay(catalog: DatasetCatalog) -> None:
    before = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    after = catalog.delete("d", "id < 3 OR id = 7")
    assert after.files()[0] == before.files()[1]
    assert len(after.files()) == 3
    assert len(set(after.files()) - set(before.files())) == 1


def test_condition_that_is_true_of_no_row_makes_no_version(catalog: DatasetCatalog) -> None:
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    assert catalog.delete("d", "id > 99") == first


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("costs > 1", "d@1 has no column 'costs'. Did you mean 'cost'?"),
        ("cost >", "Expected a condition in SQL, found 'cost >'"),
        ("cost + 1", "true or false for a row, found one that gives Float64"),
        ("cost = 'x' AND id", "Expected a condition"),
    ],
)
def test_what_is_no_condition_is_refused(condition: str, told: str, catalog: DatasetCatalog) -> None:
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    with pytest.raises(InvalidInputError, match=told.replace("?", r"\?")):
        catalog.delete("d", condition)
    assert catalog.get("d") == first


def test_dataset_that_is_not_there_names_the_closest(catalog: DatasetCatalog) -> None:
    catalog.write(ROWS, "prices", kind=DatasetKind.TABLE)
    with pytest.raises(NotFoundError, match="Did you mean 'prices'"):
        catalog.delete("price", "id = 1")
