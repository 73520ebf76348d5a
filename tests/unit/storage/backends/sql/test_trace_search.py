from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from millwright.core.filter import TRACES, parse_filter
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.search import Query
from millwright.core.records.trace import TraceRecord, TraceState
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.database import connect
from millwright.storage.backends.sql.revision import bring_up_to_date
from millwright.storage.backends.sql.trace_search import search_traces
from millwright.storage.backends.sql.traces import SqlTraceStore

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ONE = ExperimentId("1")


def test_page_goes_along_the_index_of_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = connect(f"sqlite:///{tmp_path}/t.db")
    bring_up_to_date(database)
    store = SqlTraceStore(database)
    for number in range(20):
        store.put(
            TraceRecord(
                id=TraceId(f"t{number:02}"),
                experiment_id=ONE,
                state=TraceState.OK,
                requested_at=datetime(2025, 1, 1, 0, number, tzinfo=UTC),
            )
        )
    asked: list[tuple[str, tuple[object, ...]]] = []
    run = driver.run
    monkeypatch.setattr(
        driver, "run", lambda at, text, values=(): asked.append((text, values)) or run(at, text, values)
    )
    query = Query(where=parse_filter("status = 'OK' AND tag.a IS NULL", TRACES), limit=3)
    with database.read() as connection:
        ids, token = search_traces(connection, query, [ONE])
        assert ids == ["t19", "t18", "t17"]
        ids, _ = search_traces(connection, Query(where=query.where, limit=3, after=token), [ONE])
        assert ids == ["t16", "t15", "t14"]
        for text, values in asked:
            plan = [row[3] for row in run(connection, f"EXPLAIN QUERY PLAN {text}", values)]
            assert any("USING" in line and "ix_traces_experiment_id_requested_at_id" in line for line in plan), plan
    database.close()
