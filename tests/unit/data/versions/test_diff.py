from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetKind, DatasetState
from millwright.data.datasets.catalog import WriteOptions
from millwright.data.versions.diff import Retyped, diff, diff_tables

if TYPE_CHECKING:
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.storage.catalog import Stores

BEFORE = pl.LazyFrame({"id": [1, 2, 3], "city": ["Oslo", "Rome", "Bern"], "old": [1, 1, 1], "size": [1, 2, 3]})
AFTER = pl.LazyFrame({"id": [2, 3, 4], "city": ["Rome", "Berne", "Pisa"], "size": [2.0, 3.0, 4.0], "new": ["x"] * 3})
NAMES = ("a@1", "a@2")


def test_diff_tells_columns_rows_and_keys_apart() -> None:
    found = diff_tables(BEFORE, AFTER, names=NAMES, key=["id"])
    assert (found.before, found.after, found.rows, found.identical) == ("a@1", "a@2", (3, 3), False)
    assert found.added_columns == (("new", "String"),)
    assert found.removed_columns == (("old", "Int64"),)
    assert found.retyped == (Retyped(column="size", before="Int64", after="Float64"),)
    assert found.changes is not None
    assert (found.changes.added, found.changes.removed, found.changes.changed) == (1, 1, 1)
    assert found.changes.by_column == {"city": 1}
    assert {shift.column for shift in found.shifts} == {"id", "city"}


def test_diff_without_a_key_compares_whole_rows_of_the_common_columns() -> None:
    found = diff_tables(BEFORE, AFTER, names=NAMES).changes
    assert found is not None
    assert (found.key, found.added, found.removed, found.changed) == ((), 2, 2, 0)


def test_columns_that_moved_furthest_come_first() -> None:
    before = pl.LazyFrame({"still": range(100), "moved": [0] * 50 + [1] * 50})
    after = pl.LazyFrame({"still": range(100), "moved": [0] * 5 + [1] * 95})
    shifts = diff_tables(before, after, names=NAMES).shifts
    assert [(shift.column, shift.size) for shift in shifts] == [("moved", "large"), ("still", "none")]


@pytest.mark.parametrize(("key", "said"), [("idd", "Did you mean 'id'"), ("new", "in a@1"), ("size", "Int64 in a@1")])
def test_key_that_is_not_in_both_is_refused(key: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        diff_tables(BEFORE, AFTER, names=NAMES, key=[key])


def test_versions_that_share_files_differ_as_their_whole_tables_do(catalog: DatasetCatalog) -> None:
    def write(frame: pl.DataFrame, mode: str) -> None:
        options = WriteOptions(mode=mode, key=("id",) if mode == "merge" else (), evolve=True)  # type: ignore[arg-type]
        catalog.write(frame, "a", kind=DatasetKind.TABLE, options=options)

    for start in (0, 20_000):
        write(pl.DataFrame({"id": range(start, start + 20_000), "x": [0.5] * 20_000}), "append")
    write(pl.DataFrame({"id": [7, 50_000], "x": [1.5, 2.5]}), "merge")
    write(pl.DataFrame({"id": [60_000], "x": [None], "new": ["n"]}, schema_overrides={"x": pl.Float64}), "append")
    catalog.delete("a", "id = 39999")
    assert set(catalog.get("a@2").files()) & set(catalog.get("a@3").files())
    for one, other in ((1, 2), (2, 3), (2, 5), (5, 3)):
        pair = catalog.get(f"a@{one}"), catalog.get(f"a@{other}")
        for key in ((), ("id",)):
            found = diff(*pair, key=key)
            whole = diff_tables(pair[0].scan(), pair[1].scan(), names=(found.before, found.after), key=key)
            assert found == whole


def test_versions_with_one_digest_are_not_looked_at(catalog: DatasetCatalog) -> None:
    for rows in ([1], [2]):
        catalog.write(pl.DataFrame({"n": rows}), "a", kind=DatasetKind.TABLE)
    catalog.restore("a@1")
    found = diff(catalog.get("a@1"), catalog.get("a@3"))
    assert (found.identical, found.changes, found.rows) == (True, None, (1, 1))


def test_a_version_whose_rows_went_is_named_as_expired(catalog: DatasetCatalog, stores: Stores) -> None:
    first, second = (catalog.write(pl.DataFrame({"id": [n]}), "t", kind=DatasetKind.TABLE) for n in (1, 2))
    stores.datasets.set_state("t", 1, DatasetState.EXPIRED)
    with pytest.raises(NotFoundError, match="t@1 were removed as old"):
        diff(catalog.get("t@1"), second)
    assert first.record.rows == 1


def test_suspected_personal_data_is_hidden_unless_asked_for() -> None:
    born = [date(1990, 1, 2)] * 2
    before = pl.LazyFrame({"email": ["a@x.org", "b@x.org"], "born": born, "n": [1, 2], "was": ["c@x.org", None]})
    after = pl.LazyFrame({"email": ["b@x.org", "d@x.org"], "born": born, "n": [3, 4], "tel": ["e@x.org"] * 2})
    for key in ((), ("email",)):
        found = diff_tables(before, after, names=NAMES, key=key)
        assert found.hidden == ("email", "born", "was", "tel")
        assert "@x.org" not in repr(found)
        assert "1990" not in repr(found)
        assert "'hidden'" in repr(found)
        assert {shift.means for shift in found.shifts if shift.column == "born"} == {None}
        revealed = diff_tables(before, after, names=NAMES, key=key, reveal=True)
        assert revealed.hidden == ()
        assert "d@x.org" in repr(revealed)
