from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetKind, DatasetState
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.datasets.dataset import Dataset
from millwright.data.engines.input_table import input_tables
from millwright.data.engines.transformation import run

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

OLD = pl.DataFrame({"id": [3, 1], "days": [1.5, None], "Größe": ["a'b", None]})
NEW = pl.DataFrame({"id": [2], "days": [0.5], "Größe": ["c"]})


@pytest.fixture
def versions(stores: Stores, clock: ManualClock, tmp_path: Path) -> list[Dataset]:
    from millwright.data.datasets.write_options import WriteOptions

    catalog = DatasetCatalog(stores=stores, root_url=str(tmp_path / "it's data"), clock=clock, actor="me")
    first = catalog.write(OLD, "phases", kind=DatasetKind.TABLE)
    second = catalog.write(NEW, "phases", kind=DatasetKind.TABLE, options=WriteOptions(mode="append"))
    wider = NEW.with_columns(pl.lit(7).alias("more"))
    third = catalog.write(wider, "phases", kind=DatasetKind.TABLE, options=WriteOptions(mode="append", evolve=True))
    return [first, second, third, catalog.write(OLD.clear(), "empty", kind=DatasetKind.TABLE)]


def test_a_dataset_is_its_files_and_their_size(versions: list[Dataset]) -> None:
    table = input_tables({"x": versions[1]})["x"]
    assert table.files is not None
    assert pl.read_parquet(list(table.files), glob=False).rows() == [*OLD.rows(), *NEW.rows()]
    assert (table.size_bytes or 0) > 500
    assert table.lazy.collect().rows() == [*OLD.rows(), *NEW.rows()]


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_engines_read_exactly_the_version_that_was_asked_for(versions: list[Dataset], engine: str) -> None:
    def read(dataset: Dataset) -> list[tuple[Any, ...]]:
        return run('SELECT id, "Größe", days FROM x', {"x": dataset}, engine, order_by=["id"]).rows()

    assert read(versions[0]) == [(1, None, None), (3, "a'b", 1.5)]
    assert read(versions[1]) == [(1, None, None), (2, "c", 0.5), (3, "a'b", 1.5)]
    assert read(versions[3]) == []


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_a_column_that_came_later_is_null_in_older_rows(versions: list[Dataset], engine: str) -> None:
    found = run("SELECT * FROM x", {"x": versions[2]}, engine, order_by=["id", "more"])
    assert found.columns == ["id", "days", "Größe", "more"]
    assert found["more"].to_list() == [None, 7, None, None]


def test_frames_are_tables_of_their_size_if_anybody_knows_it() -> None:
    tables = input_tables({"x": OLD, "y": OLD.lazy()})
    assert (tables["x"].size_bytes or 0) > 0
    assert tables["y"].size_bytes is None


@pytest.mark.parametrize(
    ("inputs", "said"),
    [({}, "Expected an input"), ({"a b": OLD}, "a name of letters"), ({"x": [1]}, "Polars frame or a dataset")],
)
def test_what_is_no_input_is_refused(inputs: Any, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        input_tables(inputs)


def test_an_expired_version_is_refused_as_such(versions: list[Dataset]) -> None:
    expired = Dataset(replace(versions[0].record, state=DatasetState.EXPIRED))
    with pytest.raises(NotFoundError, match="phases@1 were removed as old"):
        input_tables({"x": expired})
