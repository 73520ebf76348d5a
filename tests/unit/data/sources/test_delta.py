from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.sources.delta import read_delta_change
from millwright.data.sources.request import SourceOptions
from millwright.data.sources.source import open_source, read_source

if TYPE_CHECKING:
    from pathlib import Path

FEED = {"delta.enableChangeDataFeed": "true"}


def identity(uri: str) -> str:
    return str(DeltaTable(uri).metadata().id)


@pytest.fixture(params=["feed", "files"])
def orders(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Versions: 0 two rows, 1 one more, 2 an update, 3 a compaction, 4 a deletion."""
    uri = str(tmp_path / "with space" / "orders")
    rows = pl.DataFrame({"id": [1, 2], "site": ["a", None]})
    write_deltalake(uri, rows, partition_by=["site"], configuration=FEED if request.param == "feed" else None)
    write_deltalake(uri, pl.DataFrame({"id": [3], "site": ["a"]}), mode="append")
    DeltaTable(uri).update(predicate="id = 1", updates={"id": "10"})
    DeltaTable(uri).optimize.compact()
    DeltaTable(uri).delete("id = 2")
    return uri


def test_latest_and_named_versions_are_read(orders: str) -> None:
    assert sorted(read_source(orders).frame["id"]) == [3, 10]
    old = read_source(orders, SourceOptions(version=0))
    assert sorted(old.frame.rows()) == [(1, "a"), (2, None)]
    assert old.format == "delta"
    with open_source(orders) as found:
        assert found.position["version"] == 4
        assert found.digest != old.digest


@pytest.mark.parametrize(
    ("since", "until", "added", "removed"),
    [
        (0, 1, [(3, "a")], []),
        (1, 2, [(10, "a")], [(1, "a")]),
        (2, 3, [], []),
        (3, 4, [], [(2, None)]),
        (0, 4, [(3, "a"), (10, "a")], [(1, "a"), (2, None)]),
        (4, 4, [], []),
    ],
)
def test_change_is_what_came_and_went_on_balance(
    orders: str, since: int, until: int, added: list[object], removed: list[object]
) -> None:
    change = read_delta_change(orders, identity(orders), since, until)
    assert sorted(change.added.rows()) == added
    assert sorted(change.removed.rows()) == removed
    assert change.added.schema == {"id": pl.Int64, "site": pl.String}


_ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["x", "y", None])), min_size=1, max_size=8)

_STEPS = st.lists(st.one_of(_ROWS, st.integers(0, 3)), min_size=1, max_size=3)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=_ROWS, steps=st.lists(st.one_of(_ROWS, st.integers(0, 3)), min_size=1, max_size=3), with_feed=st.booleans()
)
def test_balance_brings_the_old_rows_to_the_new_ones(
    tmp_path_factory: pytest.TempPathFactory, first: list[object], steps: list[object], *, with_feed: bool
) -> None:
    uri = str(tmp_path_factory.mktemp("delta") / "t")
    schema = {"n": pl.Int64, "s": pl.String}
    configuration = FEED if with_feed else None
    write_deltalake(uri, pl.DataFrame(first, schema=schema, orient="row"), configuration=configuration)
    for step in steps:
        if isinstance(step, int):
            DeltaTable(uri).delete(f"n = {step}")
        else:
            write_deltalake(uri, pl.DataFrame(step, schema=schema, orient="row"), mode="append")
    until = DeltaTable(uri).version()
    change = read_delta_change(uri, identity(uri), 0, until)
    left = [str(row) for row in first]
    for row in map(str, change.removed.rows()):
        left.remove(row)
    now = read_source_rows(uri)
    assert sorted(left + [str(row) for row in change.added.rows()]) == sorted(map(str, now))


def read_source_rows(uri: str) -> list[tuple[object, ...]]:
    return pl.read_delta(uri).rows()


def test_another_table_in_its_place_is_an_error(orders: str) -> None:
    with pytest.raises(InvalidInputError, match="found another one in its place"):
        read_delta_change(orders, "other", 0, 1)


def test_removed_versions_are_an_error_that_says_what_to_do(orders: str) -> None:
    DeltaTable(orders).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    with pytest.raises(InvalidInputError, match=r"Cannot read .* of the Delta table"):
        read_source(orders, SourceOptions(version=1))
    with pytest.raises(InvalidInputError, match="Cannot read version 9"):
        read_source(orders, SourceOptions(version=9))


def test_folder_without_a_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Expected a Delta table at"):
        read_source(str(tmp_path), SourceOptions(format="delta"))


def test_added_column_is_in_the_change_where_the_table_keeps_a_feed(tmp_path: Path) -> None:
    for name, configuration in {"feed": FEED, "files": None}.items():
        uri = str(tmp_path / name)
        write_deltalake(uri, pl.DataFrame({"a": [1]}), configuration=configuration)
        write_deltalake(uri, pl.DataFrame({"a": [1], "b": [2]}), mode="append", schema_mode="merge")
        if configuration:
            assert read_delta_change(uri, identity(uri), 0, 1).added.rows() == [(1, 2)]
        else:
            with pytest.raises(InvalidInputError, match="have its columns changed"):
                read_delta_change(uri, identity(uri), 0, 1)
