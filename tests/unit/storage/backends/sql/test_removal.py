from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.assessment import AssessmentKind, AssessmentRecord
from millwright.core.records.trace import SpanRecord, TraceLink, TraceRecord, TraceState
from millwright.storage.backends.sql import driver, removal
from millwright.storage.backends.sql.assessments import SqlAssessmentStore
from millwright.storage.backends.sql.traces import SqlTraceStore
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.core.records.run import RunRecord
    from millwright.storage.backends.sql.database import Database


def test_removal_leaves_no_row_of_an_experiment(place: tuple[Database, list[RunRecord]]) -> None:
    database, _runs = place
    with database.write() as connection:
        for seq in (1, 2, 3):
            removal.remove_experiment(connection, seq)
        for table in ("runs", "run_params", "run_tags", "metrics", "metric_points"):
            assert driver.run(connection, f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608


def test_removal_takes_an_experiments_traces_and_the_links_of_its_runs(
    place: tuple[Database, list[RunRecord]],
) -> None:
    database, runs = place
    traces, assessments = SqlTraceStore(database), SqlAssessmentStore(database)
    with database.read() as connection:
        first = driver.run(connection, "SELECT id FROM experiments WHERE seq = 1").fetchone()[0]
    for name, experiment in (("t", first), ("other", "elsewhere")):
        trace_id = TraceId(name)
        traces.put(
            TraceRecord(
                id=trace_id,
                experiment_id=ExperimentId(experiment),
                state=TraceState.OK,
                requested_at=sample.NOON,
                tags={"a": "1"},
                metadata={"b": "2"},
            )
        )
        traces.put_spans(trace_id, [SpanRecord(id="s", name="n", start_ns=1)])
        traces.put_links(TraceLink.PROMPT, [(trace_id, "p/1")])
        traces.put_links(TraceLink.RUN, [(trace_id, run.id) for run in runs])
        assessments.create(
            AssessmentRecord(
                id=f"a-{name}",
                trace_id=trace_id,
                name="q",
                kind=AssessmentKind.FEEDBACK,
                created_at=sample.NOON,
                updated_at=sample.NOON,
            )
        )
    with database.write() as connection:
        for seq in (1, 2, 3):
            removal.remove_experiment(connection, seq)
        for table in ("traces", "trace_tags", "trace_metadata", "trace_spans", "trace_links", "assessments"):
            assert driver.run(connection, f"SELECT count(*) FROM {table}").fetchone() == (1,), table  # noqa: S608
