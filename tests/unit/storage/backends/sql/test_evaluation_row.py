from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.records.evaluation import ExampleDraft, Merged, dataset_digest
from millwright.storage.backends.sql import evaluation_row
from millwright.storage.backends.sql.database import connect
from millwright.storage.catalog import open_stores
from millwright.testing import sample
from millwright.testing.evaluations import evaluation_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.backends.sql.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/x.db"
    stores = open_stores(records_url=url, artifacts_url="memory://a", predictions_url="memory://b")
    for name in "abc":
        stores.evaluations.create_dataset(evaluation_dataset(id=name, tags={"of": name}))
    stores.close()
    database = connect(url)
    yield database
    database.close()


def test_datasets_come_in_the_order_of_their_numbers(database: Database) -> None:
    with database.read() as connection:
        found = evaluation_row.records(connection, [3, 99, 1])
    assert [(each.id, each.tags) for each in found] == [("c", {"of": "c"}), ("a", {"of": "a"})]


def test_more_datasets_than_one_statement_takes_are_read(database: Database) -> None:
    with database.read() as connection:
        assert [each.id for each in evaluation_row.records(connection, range(1, 1200))] == ["a", "b", "c"]


def test_last_known_user_is_who_changed_a_dataset() -> None:
    record = evaluation_dataset(updated_by="ada", examples=3)
    drafts = [ExampleDraft(user="bob"), ExampleDraft(user="cy"), ExampleDraft()]
    changed = evaluation_row.changed(record, drafts, Merged(inserted=2, updated=1), sample.NOON)
    assert (changed["updated_by"], changed["examples"]) == ("cy", 5)
    assert changed["digest"] == dataset_digest(record.name, sample.NOON)
    assert evaluation_row.changed(record, [], Merged(), sample.NOON)["updated_by"] is None
