from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.storage.backends.sql import experiment_row

if TYPE_CHECKING:
    from millwright.core.records.run import RunRecord
    from millwright.storage.backends.sql.database import Database


def test_experiments_come_in_the_order_of_their_numbers(place: tuple[Database, list[RunRecord]]) -> None:
    database, runs = place
    with database.read() as connection:
        found = experiment_row.records(connection, [2, 99, 1])
    assert [each.id for each in found] == [runs[1].experiment_id, runs[0].experiment_id]
