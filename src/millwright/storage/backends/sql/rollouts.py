"""Rollouts in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import ConflictError, NotFoundError, StateTransitionError
from millwright.core.records.rollout import ROLLOUT_TRANSITIONS, RolloutEvidence, RolloutRecord
from millwright.storage.backends.sql.rollout_table import ROLLOUT_EVIDENCE, ROLLOUTS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.rollouts import RolloutStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.ids import RolloutId
    from millwright.storage.backends.sql.database import Database

_R = ROLLOUTS.c
_E = ROLLOUT_EVIDENCE.c
_KEY = ["rollout_id", "step", "arm", "process"]


class SqlRolloutStore(RolloutStore):
    """See `RolloutStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(RolloutRecord, ROLLOUTS)
        self._evidence = RecordRow(RolloutEvidence, ROLLOUT_EVIDENCE)
        insert = database.insert(ROLLOUT_EVIDENCE)
        changed = {name: insert.excluded[name] for name in ("updated_at", "body")}
        self._put = insert.on_conflict_do_update(index_elements=_KEY, set_=changed)
        # Built once: each serving process asks this again and again.
        self._open = sa.select(ROLLOUTS).where(_R.open_at == sa.bindparam("at"))

    def create(self, record: RolloutRecord) -> None:
        """See `RolloutStore.create`."""
        insert = self._database.insert(ROLLOUTS).on_conflict_do_nothing(index_elements=["open_at"])
        with self._database.write() as connection:
            if connection.execute(insert.returning(_R.id), self._values(record)).first() is not None:
                return
            other = connection.execute(sa.select(_R.id).where(_R.open_at == record.endpoint)).scalar()
        raise ConflictError(
            f"The endpoint '{record.endpoint}' has an open rollout already: {other}.",
            hint=f"See it with: mw rollout status {record.endpoint}; end it with: mw rollout abort {record.endpoint}",
        )

    def get(self, rollout_id: RolloutId) -> RolloutRecord:
        """See `RolloutStore.get`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(ROLLOUTS).where(_R.id == rollout_id)).first()
        if row is None:
            raise _missing(rollout_id)
        return self._rows.record(row)

    def find_open(self, endpoint: str) -> RolloutRecord | None:
        """See `RolloutStore.find_open`."""
        with self._database.read() as connection:
            row = connection.execute(self._open, {"at": endpoint}).first()
        return None if row is None else self._rows.record(row)

    def list_rollouts(self, *, endpoint: str | None = None, limit: int = 100) -> list[RolloutRecord]:
        """See `RolloutStore.list_rollouts`."""
        statement = sa.select(ROLLOUTS).order_by(_R.created_at.desc(), _R.id.desc()).limit(limit)
        if endpoint is not None:
            statement = statement.where(_R.endpoint == endpoint)
        with self._database.read() as connection:
            return [self._rows.record(row) for row in connection.execute(statement)]

    def update(self, record: RolloutRecord) -> RolloutRecord:
        """See `RolloutStore.update`; one statement decides who was first."""
        changed = replace(record, revision=record.revision + 1)
        from_states = [state for state, to in ROLLOUT_TRANSITIONS.items() if record.state in to]
        if record.is_open:
            from_states.append(record.state)
        statement = (
            sa.update(ROLLOUTS)
            .where(_R.id == record.id, _R.revision == record.revision, _R.state.in_([s.value for s in from_states]))
            .returning(_R.id)
        )
        with self._database.write() as connection:
            if connection.execute(statement, self._values(changed)).first() is not None:
                return changed
        raise self._refusal(record)

    def put_evidence(self, evidence: Sequence[RolloutEvidence]) -> None:
        """See `RolloutStore.put_evidence`."""
        if evidence:
            # In one order, so that two processes do not wait for one another.
            rows = sorted((self._evidence.values(each) for each in evidence), key=lambda row: [row[k] for k in _KEY])
            with self._database.write() as connection:
                connection.execute(self._put, rows)

    def list_evidence(self, rollout_id: RolloutId, *, step: int | None = None) -> list[RolloutEvidence]:
        """See `RolloutStore.list_evidence`."""
        statement = sa.select(ROLLOUT_EVIDENCE).where(_E.rollout_id == rollout_id)
        if step is not None:
            statement = statement.where(_E.step == step)
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(_E.step, _E.arm, _E.process))
            return [self._evidence.record(row) for row in rows]

    def count_evidence(self, before: datetime) -> int:
        """See `RolloutStore.count_evidence`."""
        statement = sa.select(sa.func.count()).select_from(ROLLOUT_EVIDENCE).where(_old(before))
        with self._database.read() as connection:
            return connection.execute(statement).scalar_one()

    def purge_evidence(self, before: datetime) -> int:
        """See `RolloutStore.purge_evidence`."""
        with self._database.write() as connection:
            return connection.execute(sa.delete(ROLLOUT_EVIDENCE).where(_old(before))).rowcount

    def _values(self, record: RolloutRecord) -> dict[str, Any]:
        return {**self._rows.values(record), "open_at": record.endpoint if record.is_open else None}

    def _refusal(self, record: RolloutRecord) -> Exception:
        stored = self.get(record.id)
        if stored.revision != record.revision:
            return ConflictError(
                f"Someone has changed the rollout of '{record.endpoint}' at the same moment.", hint="Try again."
            )
        return StateTransitionError(
            f"The rollout of '{record.endpoint}' is {stored.state.value} and cannot become {record.state.value}.",
            hint=f"See what became of it: mw rollout status {record.endpoint}",
        )


def _old(before: datetime) -> sa.ColumnElement[bool]:
    ended = sa.select(_R.id).where(_R.open_at.is_(None))
    return sa.and_(_E.updated_at < before, _E.rollout_id.in_(ended))


def _missing(rollout_id: str) -> NotFoundError:
    return NotFoundError(f"There is no rollout '{rollout_id}'.", hint="See which there are: mw rollout list")
