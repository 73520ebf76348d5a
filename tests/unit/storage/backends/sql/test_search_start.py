from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.records.search import Comparison, Field, Kind
from millwright.storage.backends.sql.database import Database, connect
from millwright.storage.backends.sql.search_start import start_of
from millwright.storage.catalog import open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """200 runs of Default: all with the same `p`, each with its own `q`."""
    url = f"sqlite:///{tmp_path}/x.db"
    stores = open_stores(records_url=url, artifacts_url="memory://a", predictions_url="memory://b")
    default = stores.experiments.list()[0].id
    with stores.transactions.transaction():
        for number in range(200):
            stores.runs.create_run(sample.run(default, params={"p": "same", "q": f"{number}-x"}, tags={}))
    stores.close()
    opened = connect(url)
    yield opened
    opened.close()


def param(key: str, op: str, value: Any) -> Comparison:
    return Comparison(field=Field(kind=Kind.PARAM, key=key), op=op, value=value)


def test_condition_that_few_meet_is_begun_with(database: Database) -> None:
    with database.read() as connection:
        many, few = param("p", "=", "same"), param("q", "=", "7-x")
        found = start_of(connection, [many, few], 0, 10, by_start=False)
        assert found is not None
        assert "7-x" in found.where.values
        prefix = start_of(connection, [param("q", "LIKE", "7-%")], 0, 10, by_start=False)
        assert prefix is not None
        assert prefix.where.values[-2:] == ("7-", "7.")


def test_condition_that_many_meet_is_begun_with_only_where_it_gives_the_order(database: Database) -> None:
    with database.read() as connection:
        many = [param("p", "=", "same")]
        assert start_of(connection, many, 0, 10, by_start=False) is None
        found = start_of(connection, many, 0, 10, by_start=True)
        assert found is not None
        assert found.by_start


def test_condition_without_an_index_is_never_begun_with(database: Database) -> None:
    with database.read() as connection:
        for part in (param("q", "LIKE", "%x"), param("q", "!=", "x"), param("q", "IS NULL", None)):
            assert start_of(connection, [part], 0, 10, by_start=True) is None
