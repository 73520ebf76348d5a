"""Assessments of traces in SQL."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.records.assessment import AssessmentRecord
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.backends.sql.trace_table import ASSESSMENTS, TRACES
from millwright.storage.base.assessments import AssessmentStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from millwright.core.ids import TraceId
    from millwright.storage.backends.sql.database import Database

_A = ASSESSMENTS.c
_ROWS = RecordRow(AssessmentRecord, ASSESSMENTS)
_FIXED = ("id", "trace_id", "overrides")
_SESSION = "mlflow.trace.session"  # metadata that makes an assessment one of a whole session
_IDS = 500  # in one statement


class SqlAssessmentStore(AssessmentStore):
    """See `AssessmentStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(ASSESSMENTS)
        self._create = insert.on_conflict_do_nothing(index_elements=["id"]).returning(_A.id)

    def create(self, record: AssessmentRecord) -> None:
        """See `AssessmentStore.create`."""
        with self._database.write() as connection:
            _require_trace(connection, record.trace_id)
            if record.overrides:
                overridden = sa.update(ASSESSMENTS).where(_of(record.trace_id, record.overrides)).values(valid=False)
                if not connection.execute(overridden).rowcount:
                    raise _unknown(record.trace_id, record.overrides)
            if connection.execute(self._create, _row(record)).first() is None:
                raise AlreadyExistsError(f"The assessment '{record.id}' exists already.", hint="Use a new id, or none.")

    def get(self, trace_id: TraceId, assessment_id: str) -> AssessmentRecord:
        """See `AssessmentStore.get`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(ASSESSMENTS).where(_of(trace_id, assessment_id))).first()
            if row is None:
                _require_trace(connection, trace_id)
                raise _unknown(trace_id, assessment_id)
        return _ROWS.record(row)

    def update(self, record: AssessmentRecord) -> None:
        """See `AssessmentStore.update`."""
        values = {name: value for name, value in _row(record).items() if name not in _FIXED}
        statement = sa.update(ASSESSMENTS).where(_of(record.trace_id, record.id)).values(values)
        with self._database.write() as connection:
            if not connection.execute(statement).rowcount:
                _require_trace(connection, record.trace_id)
                raise _unknown(record.trace_id, record.id)

    def delete(self, trace_id: TraceId, assessment_id: str) -> None:
        """See `AssessmentStore.delete`."""
        statement = sa.delete(ASSESSMENTS).where(_of(trace_id, assessment_id)).returning(_A.overrides)
        with self._database.write() as connection:
            overridden = connection.execute(statement).scalar()
            if overridden:
                connection.execute(sa.update(ASSESSMENTS).where(_of(trace_id, overridden)).values(valid=True))

    def list_of(self, trace_ids: Sequence[TraceId]) -> Mapping[TraceId, Sequence[AssessmentRecord]]:
        """See `AssessmentStore.list_of`."""
        found: defaultdict[TraceId, list[AssessmentRecord]] = defaultdict(list)
        with self._database.read() as connection:
            for start in range(0, len(trace_ids), _IDS):
                statement = sa.select(ASSESSMENTS).where(_A.trace_id.in_(trace_ids[start : start + _IDS]))
                for row in connection.execute(statement.order_by(_A.created_at, _A.id)):
                    found[row.trace_id].append(_ROWS.record(row))
        return dict(found)


def _of(trace_id: TraceId, assessment_id: str) -> ColumnElement[bool]:
    return sa.and_(_A.trace_id == trace_id, _A.id == assessment_id)


def _row(record: AssessmentRecord) -> dict[str, Any]:
    value = json.loads(record.value)
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return _ROWS.values(record) | {"number": number, "session": record.metadata.get(_SESSION)}


def _require_trace(connection: Connection, trace_id: TraceId) -> None:
    if connection.execute(sa.select(TRACES.c.id).where(TRACES.c.id == trace_id)).first() is None:
        raise NotFoundError(f"Trace with ID '{trace_id}' not found.")


def _unknown(trace_id: TraceId, assessment_id: str) -> NotFoundError:
    return NotFoundError(f"Assessment with ID '{assessment_id}' not found for trace '{trace_id}'")
