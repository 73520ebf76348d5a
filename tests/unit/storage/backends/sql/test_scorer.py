from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId
from millwright.storage.backends.sql import scorer
from millwright.storage.backends.sql.database import connect
from millwright.storage.catalog import open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.backends.sql.database import Database

DEFAULT = ExperimentId("0")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/x.db"
    open_stores(records_url=url, artifacts_url="memory://a", predictions_url="memory://b").close()
    database = connect(url)
    yield database
    database.close()


def test_more_experiments_than_one_statement_takes_are_listed_in_order(database: Database) -> None:
    with database.write() as connection:
        for name in "ba":
            scorer.register(database, connection, (DEFAULT, name), "{}", sample.NOON)
        ids = [ExperimentId(str(number)) for number in range(1200, -1, -1)]
        assert [each.name for each in scorer.latest(connection, ids, None)] == ["a", "b"]


def test_version_goes_on_from_the_greatest_that_is_left(database: Database) -> None:
    with database.write() as connection:
        for _ in range(3):
            scorer.register(database, connection, (DEFAULT, "s"), "{}", sample.NOON)
        scorer.remove(connection, DEFAULT, "s", 3)
        assert scorer.register(database, connection, (DEFAULT, "s"), "{}", sample.NOON).version == 3
        scorer.remove(connection, DEFAULT, "s", 1)
        assert [each.version for each in scorer.versions(connection, DEFAULT, "s")] == [2, 3]


def test_scorer_whose_versions_are_gone_is_not_found(database: Database) -> None:
    with database.write() as connection:
        scorer.register(database, connection, (DEFAULT, "s"), "{}", sample.NOON)
        scorer.remove(connection, DEFAULT, "s", 1)
        with pytest.raises(NotFoundError, match="Scorer with name 's' and version 1 not found"):
            scorer.version(connection, DEFAULT, "s", 1)
        with pytest.raises(NotFoundError, match="Scorer with name 's' not found"):
            scorer.version(connection, DEFAULT, "s", None)
