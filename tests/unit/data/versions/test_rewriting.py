from __future__ import annotations

from typing import TYPE_CHECKING

import deltalake
import polars as pl
import pytest
from deltalake import write_deltalake
from deltalake.fs import DeltaStorageHandler
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.data.datasets.delta import ensure_table, replace_all
from millwright.data.datasets.layout import write_rows
from millwright.data.datasets.snapshot import open_snapshot
from millwright.data.versions.condition import RowCondition
from millwright.data.versions.rewriting import RowSearch, TableRewriter, _link

if TYPE_CHECKING:
    from pathlib import Path

CONDITION = RowCondition(values={"who": "x"})


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(["x", "y", None]), max_size=4), min_size=1, max_size=4))
def test_versions_that_share_files_lose_exactly_the_rows_meant(
    tmp_path_factory, pieces: list[list[str | None]]
) -> None:
    """Each version has the former one's files and one more."""
    folder: Path = tmp_path_factory.mktemp("tables")
    old, new = f"{folder}/old", f"{folder}/new"
    schema = pl.Schema({"who": pl.String})
    ensure_table(old, schema)
    files, versions = [], []
    for place, piece in enumerate(pieces, start=1):
        files += write_rows(old, pl.DataFrame({"who": piece}, schema=schema), place=place)
        versions.append(replace_all(old, schema, files))
    search = RowSearch(condition=CONDITION)
    snapshots = [open_snapshot(old, version) for version in versions]
    whole = [[row for piece in pieces[: n + 1] for row in piece] for n in range(len(pieces))]
    assert [search.count(snapshot) for snapshot in snapshots] == [rows.count("x") for rows in whole]
    rewriter = TableRewriter(new, search)
    for snapshot, rows in zip(snapshots, whole, strict=True):
        rewritten = rewriter.add(snapshot)
        found = open_snapshot(new, rewritten.table_version)
        assert found.read()["who"].to_list() == [row for row in rows if row != "x"]
        assert found.rows == rewritten.rows == len(rows) - rows.count("x")


def test_files_without_such_rows_are_linked_and_shared(tmp_path: Path) -> None:
    old, new = f"{tmp_path}/old", f"{tmp_path}/new"
    schema = pl.Schema({"who": pl.String})
    ensure_table(old, schema)
    one = write_rows(old, pl.DataFrame({"who": ["y"]}), place=1)
    two = write_rows(old, pl.DataFrame({"who": ["x", "z"]}), place=2)
    versions = [replace_all(old, schema, one), replace_all(old, schema, one + two)]
    search = RowSearch(condition=CONDITION)
    rewriter = TableRewriter(new, search)
    for version in versions:
        snapshot = open_snapshot(old, version)
        search.count(snapshot)
        rewriter.add(snapshot)
    assert (tmp_path / "new" / one[0].path).stat().st_nlink == 2
    assert len(list((tmp_path / "new").glob("*.parquet"))) == 2


def test_tables_of_older_releases_keep_their_order(tmp_path: Path) -> None:
    old, new = f"{tmp_path}/old", f"{tmp_path}/new"
    for rows in (["b", "x"], ["a", "x", "c"]):
        write_deltalake(old, pl.DataFrame({"who": rows}), mode="append")
    snapshot = open_snapshot(old)
    search = RowSearch(condition=CONDITION)
    assert search.count(snapshot) == 2
    rewritten = TableRewriter(new, search).add(snapshot)
    assert open_snapshot(new, rewritten.table_version).read()["who"].to_list() == ["b", "a", "c"]


def test_version_without_the_column_keeps_its_rows(tmp_path: Path) -> None:
    """Though another version shares its file and means them."""
    old, new = f"{tmp_path}/old", f"{tmp_path}/new"
    narrow, wide = pl.Schema({"a": pl.Int64}), pl.Schema({"a": pl.Int64, "who": pl.String})
    ensure_table(old, narrow)
    files = write_rows(old, pl.DataFrame({"a": [1, 2]}), place=1)
    versions = [replace_all(old, narrow, files), replace_all(old, wide, files)]
    search = RowSearch(condition=RowCondition(sql="who IS NULL"))
    snapshots = [open_snapshot(old, version) for version in versions]
    assert [search.count(snapshot) for snapshot in snapshots] == [None, 2]
    rewriter = TableRewriter(new, search)
    assert [rewriter.add(snapshot).rows for snapshot in snapshots] == [2, 0]


def test_files_are_copied_in_an_object_store_by_the_store_itself(tmp_path: Path) -> None:
    """What does it is no public part of deltalake, as none copies: a release that moves it shows here."""
    old, new = f"file://{tmp_path}/old", f"file://{tmp_path}/new"
    schema = pl.Schema({"who": pl.String})
    ensure_table(f"{tmp_path}/old", schema)
    files = write_rows(f"{tmp_path}/old", pl.DataFrame({"who": ["y"]}, schema=schema), place=1)
    (tmp_path / "new").mkdir()
    try:
        _link(old, new, files[0])
    except (AttributeError, TypeError) as error:
        message = f"deltalake {deltalake.__version__} copies files otherwise than `rewriting._link` asks it to: {error}"
        pytest.fail(message)
    (copied,) = (tmp_path / "new").glob("**/*.parquet")
    assert copied.read_bytes() == (tmp_path / "old" / copied.relative_to(tmp_path / "new")).read_bytes()


def test_deltalake_copies_no_files_by_what_it_makes_public(tmp_path: Path) -> None:
    """When this fails, it does: then `rewriting._link` needs nothing private any more."""
    (tmp_path / "old").write_bytes(b"rows")
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        DeltaStorageHandler(str(tmp_path)).copy_file("old", "new")
