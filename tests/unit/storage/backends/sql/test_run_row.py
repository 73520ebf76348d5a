from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.storage.backends.sql import run_row

if TYPE_CHECKING:
    from millwright.core.records.run import RunRecord
    from millwright.storage.backends.sql.database import Database


def test_records_come_in_the_order_of_their_numbers_and_missing_ones_are_left_out(
    place: tuple[Database, list[RunRecord]],
) -> None:
    database, runs = place
    with database.read() as connection:
        numbers = [run_row.find(connection, run.id).seq for run in runs[:2]]
        assert run_row.records(connection, [numbers[1], 999, numbers[0]]) == [runs[1], runs[0]]
        assert run_row.records(connection, []) == []
        assert run_row.bare(connection, numbers[0]).params == {}


def test_deleted_run_may_be_found_but_not_held(place: tuple[Database, list[RunRecord]]) -> None:
    database, runs = place
    with database.write() as connection:
        assert run_row.find(connection, runs[2].id).lifecycle == "deleted"
        with pytest.raises(StateTransitionError):
            run_row.hold(connection, runs[2].id)
        with pytest.raises(NotFoundError):
            run_row.hold(connection, "nowhere")
