from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.records.evaluation import ExampleDraft, Merged
from millwright.storage.backends.sql import evaluation_example
from millwright.storage.backends.sql.database import connect
from millwright.storage.catalog import open_stores
from millwright.testing import sample
from millwright.testing.evaluations import evaluation_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.backends.sql.database import Database

DATASET = evaluation_dataset(id="d-1")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/x.db"
    stores = open_stores(records_url=url, artifacts_url="memory://a", predictions_url="memory://b")
    stores.evaluations.create_dataset(DATASET)
    stores.close()
    database = connect(url)
    yield database
    database.close()


def test_drafts_are_counted_as_new_or_merged(database: Database) -> None:
    drafts = [ExampleDraft(inputs={"n": n % 2}) for n in range(5)]
    with database.write() as connection:
        assert evaluation_example.put(connection, 1, DATASET, drafts, sample.NOON) == Merged(inserted=2, updated=3)
        assert evaluation_example.put(connection, 1, DATASET, drafts, sample.NOON) == Merged(updated=5)
        assert evaluation_example.put(connection, 1, DATASET, [], sample.NOON) == Merged()


def test_merged_example_keeps_its_id_and_place(database: Database) -> None:
    with database.write() as connection:
        evaluation_example.put(connection, 1, DATASET, [ExampleDraft(inputs={"n": n}) for n in range(3)], sample.NOON)
        before = evaluation_example.page(connection, "d-1", 10, None).items
        again = [ExampleDraft(inputs={"n": 0}, outputs=1, has_outputs=True)]
        evaluation_example.put(connection, 1, DATASET, again, sample.moment(1))
        after = evaluation_example.page(connection, "d-1", 10, None).items
    assert [each.id for each in after] == [each.id for each in before]
    assert [each.outputs for each in after] == [1, {}, {}]


def test_more_ids_than_one_statement_takes_are_removed(database: Database) -> None:
    drafts = [ExampleDraft(inputs={"n": n}) for n in range(1100)]
    with database.write() as connection:
        evaluation_example.put(connection, 1, DATASET, drafts, sample.NOON)
        ids = [each.id for each in evaluation_example.page(connection, "d-1", 2000, None).items]
        assert evaluation_example.remove(connection, 1, [*ids[1:], "dr-x"]) == 1099
        assert [each.id for each in evaluation_example.page(connection, "d-1", 2000, None).items] == ids[:1]
