from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.ids import RunId
from millwright.storage.backends.sql import run_link, run_row

if TYPE_CHECKING:
    from millwright.core.records.run import RunRecord
    from millwright.storage.backends.sql.database import Database


def test_runs_without_links_are_in_the_result(place: tuple[Database, list[RunRecord]]) -> None:
    database, runs = place
    with database.write() as connection:
        run_link.add_models(connection, run_row.find(connection, runs[0].id), [("m", 3)], is_output=True)
        links = run_link.links(connection, [run.id for run in runs])
    assert [len(links[run.id].outputs) for run in runs] == [1, 0, 0]
    assert links[runs[0].id].outputs[0].step == 3


def test_thousands_of_runs_may_be_asked_for(place: tuple[Database, list[RunRecord]]) -> None:
    database, _runs = place
    with database.read() as connection:
        assert len(run_link.links(connection, [RunId(f"r{number}") for number in range(40_000)])) == 40_000
