from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetKind, DatasetOperation
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions

ROWS = pl.DataFrame(
    {
        "id": range(12),
        "cost": [float(number) for number in range(12)],
        "tags": [[number] for number in range(12)],
        "on": [date(2026, 1, 1)] * 12,
    }
)
MERGE = WriteOptions(mode="merge", key=("id",))

pytestmark = pytest.mark.usefixtures("small_files")


def counts(details: object) -> tuple[int, ...]:
    assert isinstance(details, dict)
    return tuple(details[name] for name in ("added", "updated", "removed", "unchanged"))


def test_rows_are_updated_in_their_places_and_new_ones_stand_behind(catalog: DatasetCatalog) -> None:
    before = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    changes = pl.concat([ROWS[7:8], ROWS[4:5], ROWS[3:4]]).with_columns(
        id=pl.Series([20, 4, 3]), cost=pl.Series([None, 4.5, 3.0])
    )
    after = catalog.write(changes, "d", kind=DatasetKind.TABLE, options=MERGE)
    expected = ROWS.with_columns(cost=pl.when(pl.col("id") == 4).then(4.5).otherwise("cost"))
    assert after.verify().equals(pl.concat([expected, changes[:1]]))
    assert (after.record.operation, after.record.parent) == (DatasetOperation.MERGE, 1)
    assert counts(after.record.details) == (1, 1, 0, 11)
    kept = set(before.files()) & set(after.files())
    assert len(kept) == 3  # of the four files, one holds the changed row
    assert catalog.get("d@1").verify().equals(ROWS)


def test_merge_that_changes_nothing_makes_no_version(catalog: DatasetCatalog) -> None:
    odd = ROWS.with_columns(cost=pl.Series([float("nan"), None] * 6))
    first = catalog.write(odd, "d", kind=DatasetKind.TABLE)
    assert catalog.write(odd.reverse(), "d", kind=DatasetKind.TABLE, options=MERGE) == first


def test_key_of_several_columns_and_every_row_with_it(catalog: DatasetCatalog) -> None:
    table = pl.DataFrame({"a": ["x", "x", "y", None], "b": [1, 1, 1, 1], "value": [1, 2, 3, 4]})
    catalog.write(table, "d", kind=DatasetKind.TABLE)
    options = WriteOptions(mode="merge", key=("a", "b"))
    changes = pl.DataFrame({"a": ["x", "y"], "b": [1, 2], "value": [9, 8]})
    after = catalog.write(changes, "d", kind=DatasetKind.TABLE, options=options)
    assert after.verify().rows() == [("x", 1, 9), ("x", 1, 9), ("y", 1, 3), (None, 1, 4), ("y", 2, 8)]
    assert counts(after.record.details) == (1, 2, 0, 2)


def test_merge_into_nothing_makes_the_dataset(catalog: DatasetCatalog) -> None:
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE, options=MERGE)
    assert (first.record.version, first.record.parent) == (1, None)
    assert first.verify().equals(ROWS)


def test_columns_may_be_added_and_widened_while_merging(catalog: DatasetCatalog) -> None:
    catalog.write(ROWS.with_columns(pl.col("id").cast(pl.Int32)), "d", kind=DatasetKind.TABLE)
    changes = ROWS[5:6].with_columns(note=pl.lit("x"))
    with pytest.raises(InvalidInputError, match="column 'id': expected Int32, found Int64; column 'note'"):
        catalog.write(changes, "d", kind=DatasetKind.TABLE, options=MERGE)
    options = WriteOptions(mode="merge", key=("id",), evolve=True)
    after = catalog.write(changes, "d", kind=DatasetKind.TABLE, options=options)
    assert after.verify()["note"].to_list() == [None] * 5 + ["x"] + [None] * 6
    assert after.read().schema["id"] == pl.Int64
    assert counts(after.record.details) == (0, 1, 0, 11)
    wider = catalog.write(ROWS[:1].with_columns(note=None, more=1), "d", kind=DatasetKind.TABLE, options=options)
    assert wider.verify()["more"].to_list() == [1] + [None] * 11


@pytest.mark.parametrize(
    ("changes", "key", "told"),
    [
        (ROWS, ("nr",), "no column 'nr' of the key"),
        (pl.concat([ROWS[:1], ROWS[:1]]), ("id",), "2 rows that share theirs, such as id = 0"),
        (ROWS.with_columns(id=pl.lit(None, dtype=pl.Int64)), ("id",), "12 rows without"),
        (ROWS.drop("cost"), ("id",), "column 'cost': expected Float64, found none"),
        (ROWS, (), "found none"),
    ],
)
def test_rows_that_cannot_be_merged_are_refused(
    changes: pl.DataFrame, key: tuple[str, ...], told: str, catalog: DatasetCatalog
) -> None:
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    with pytest.raises(InvalidInputError, match=told):
        catalog.write(changes, "d", kind=DatasetKind.TABLE, options=WriteOptions(mode="merge", key=key))
    assert catalog.get("d") == first


def test_neighbouring_keys_touch_few_files_of_a_table_in_the_order_of_its_key(catalog: DatasetCatalog) -> None:
    shuffled = ROWS.sample(fraction=1, shuffle=True, seed=3)
    before = catalog.write(shuffled, "d", kind=DatasetKind.TABLE, options=WriteOptions(key=("id",)))
    assert before.verify().equals(ROWS)
    after = catalog.write(ROWS[4:6].with_columns(cost=0.0), "d", kind=DatasetKind.TABLE, options=MERGE)
    assert len(set(before.files()) & set(after.files())) == 3
