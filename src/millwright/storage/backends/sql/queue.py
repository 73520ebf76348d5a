"""The queue of runs in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.records.queue import OPEN_STATES, RequestState, RunRequest
from millwright.storage.backends.sql.column import Moment
from millwright.storage.backends.sql.id_part import has_id
from millwright.storage.backends.sql.queue_table import RUN_REQUESTS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.queue import RunQueueStore

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.ids import PipelineRunId
    from millwright.core.records.queue import Claim
    from millwright.storage.backends.sql.database import Database

_LOCK = 0x6D696C6C_71756575  # "millqueu": the advisory lock that claims within limits queue for on PostgreSQL
_Q = RUN_REQUESTS.c
_QUEUED, _RUNNING = RequestState.QUEUED.value, RequestState.RUNNING.value


class SqlRunQueueStore(RunQueueStore):
    """See `RunQueueStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(RunRequest, RUN_REQUESTS)

    def enqueue(self, request: RunRequest) -> RunRequest:
        """See `RunQueueStore.enqueue`."""
        values = self._rows.values(request) | {"id_reversed": request.id[::-1], "rank": -request.priority}
        statement = self._database.insert(RUN_REQUESTS).on_conflict_do_nothing().returning(_Q.id)
        with self._database.write() as connection:
            if connection.execute(statement, values).first() is not None:
                return request
            if request.dedup_key is not None:
                found = connection.execute(sa.select(RUN_REQUESTS).where(_Q.dedup_key == request.dedup_key)).first()
                if found is not None:
                    return self._rows.record(found)
            raise AlreadyExistsError(
                f"There is a queued run with the id '{request.id}' already.", hint="Take a new id."
            )

    def get(self, request_id: PipelineRunId) -> RunRequest:
        """See `RunQueueStore.get`."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(RUN_REQUESTS).where(has_id(_Q, request_id)).limit(2)).all()
        if not rows:
            raise _no_request(request_id)
        if len(rows) > 1:
            raise NotFoundError(
                f"Several queued runs have an id that begins or ends with '{request_id}'.",
                hint="Write more of the id.",
            )
        return self._rows.record(rows[0])

    def find(self, request_id: PipelineRunId) -> RunRequest | None:
        """See `RunQueueStore.find`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(RUN_REQUESTS).where(_Q.id == request_id)).first()
        return None if row is None else self._rows.record(row)

    def list_requests(
        self, *, states: Collection[RequestState] | None = None, name: str | None = None, limit: int = 100
    ) -> list[RunRequest]:
        """See `RunQueueStore.list_requests`."""
        statement = sa.select(RUN_REQUESTS).order_by(_Q.created_at.desc(), _Q.seq.desc()).limit(limit)
        if states is not None:
            statement = statement.where(_Q.state.in_([state.value for state in states]))
        if name is not None:
            statement = statement.where(_Q.name == name)
        with self._database.read() as connection:
            return [self._rows.record(row) for row in connection.execute(statement)]

    def count(self, *, ended_before: datetime | None = None) -> Mapping[RequestState, int]:
        """See `RunQueueStore.count`."""
        statement = sa.select(_Q.state, sa.func.count()).group_by(_Q.state)
        if ended_before is not None:
            statement = statement.where(_Q.ended_at < ended_before)
        with self._database.read() as connection:
            return {RequestState(state): count for state, count in connection.execute(statement)}

    def claim(self, claim: Claim) -> RunRequest | None:
        """See `RunQueueStore.claim`; who comes second skips the row that the first has locked."""
        with self._database.write() as connection:
            full: frozenset[str] | None = frozenset()
            if claim.limits.limited:
                if not self._database.is_sqlite:  # there every writer waits for the one before
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                full = claim.limits.full(_running(connection, claim.now))
            if full is None:
                return None
            lapsed = (_Q.state == _RUNNING, _Q.lease_until <= claim.now)
            waiting = (_Q.state == _QUEUED, _Q.not_before <= claim.now)
            for condition in (lapsed, waiting):
                chosen = (
                    sa.select(_Q.id)
                    .where(*condition, _Q.attempts < claim.max_attempts)
                    .order_by(_Q.rank, _Q.created_at, _Q.seq)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
                if full:
                    chosen = chosen.where(_Q.name.not_in(sorted(full)))
                request_id = connection.execute(chosen).scalar()
                if request_id is not None:
                    return self._take(connection, request_id, claim)
        return None

    def _take(self, connection: Connection, request_id: str, claim: Claim) -> RunRequest:
        statement = (
            sa.update(RUN_REQUESTS)
            .where(_Q.id == request_id)
            .values(state=_RUNNING, owner=claim.owner, lease_until=claim.until, attempts=_Q.attempts + 1)
            .returning(RUN_REQUESTS)
        )
        return self._rows.record(connection.execute(statement).one())

    def renew(self, request_ids: Collection[PipelineRunId], owner: str, *, until: datetime) -> Sequence[RunRequest]:
        """See `RunQueueStore.renew`."""
        if not request_ids:
            return ()
        statement = (
            sa.update(RUN_REQUESTS)
            .where(_Q.id.in_(sorted(request_ids)), *_owned(owner))
            .values(lease_until=until)
            .returning(RUN_REQUESTS)
        )
        with self._database.write() as connection:
            return [self._rows.record(row) for row in connection.execute(statement)]

    def hand_back(
        self, request_id: PipelineRunId, owner: str, *, not_before: datetime, counted: bool, error: str | None = None
    ) -> bool:
        """See `RunQueueStore.hand_back`."""
        free = {"state": _QUEUED, "owner": None, "lease_until": None, "not_before": not_before}
        attempts = {} if counted else {"attempts": _Q.attempts - 1}
        return self._change((_Q.id == request_id, *_owned(owner)), {**free, **attempts, "error": error})

    def finish(
        self, request_id: PipelineRunId, owner: str, state: RequestState, *, at: datetime, error: str | None = None
    ) -> bool:
        """See `RunQueueStore.finish`."""
        return self._change((_Q.id == request_id, *_owned(owner)), _ended(state, at, error))

    def cancel(self, request_id: PipelineRunId, *, by: str, at: datetime) -> RunRequest:
        """See `RunQueueStore.cancel`."""
        asked = {
            "cancel_requested_at": sa.func.coalesce(_Q.cancel_requested_at, sa.literal(at, Moment)),
            "cancel_requested_by": sa.func.coalesce(_Q.cancel_requested_by, by),
        }
        open_states = [state.value for state in OPEN_STATES]
        with self._database.write() as connection:
            waits = sa.update(RUN_REQUESTS).where(_Q.id == request_id, _Q.state == _QUEUED)
            connection.execute(waits.values(**asked, **_ended(RequestState.CANCELLED, at, f"stopped by {by}")))
            runs = sa.update(RUN_REQUESTS).where(_Q.id == request_id, _Q.state.in_(open_states))
            connection.execute(runs.values(**asked))
            row = connection.execute(sa.select(RUN_REQUESTS).where(_Q.id == request_id)).first()
        if row is None:
            raise _no_request(request_id)
        return self._rows.record(row)

    def list_lapsed(self, now: datetime, *, limit: int = 100) -> list[RunRequest]:
        """See `RunQueueStore.list_lapsed`."""
        lapsed = sa.select(RUN_REQUESTS).where(_Q.state == _RUNNING, _Q.lease_until <= now)
        with self._database.read() as connection:
            return [self._rows.record(row) for row in connection.execute(lapsed.order_by(_Q.lease_until).limit(limit))]

    def expire(self, request_id: PipelineRunId, state: RequestState, *, now: datetime, error: str) -> bool:
        """See `RunQueueStore.expire`."""
        lapsed = (_Q.id == request_id, _Q.state == _RUNNING, _Q.lease_until <= now)
        return self._change(lapsed, _ended(state, now, error))

    def purge(self, before: datetime) -> int:
        """See `RunQueueStore.purge`."""
        with self._database.write() as connection:
            return connection.execute(sa.delete(RUN_REQUESTS).where(_Q.ended_at < before)).rowcount

    def _change(self, condition: Sequence[Any], values: Mapping[str, Any]) -> bool:
        statement = sa.update(RUN_REQUESTS).where(*condition).values(**values).returning(_Q.id)
        with self._database.write() as connection:
            return connection.execute(statement).first() is not None


def _owned(owner: str) -> tuple[Any, Any]:
    return _Q.owner == owner, _Q.state == _RUNNING


def _ended(state: RequestState, at: datetime, error: str | None) -> dict[str, Any]:
    return {"state": state.value, "ended_at": at, "error": error, "lease_until": None}


def _running(connection: Connection, now: datetime) -> dict[str, int]:
    """How many runs of each pipeline a worker has at present."""
    held = sa.select(_Q.name, sa.func.count().label("runs")).where(_Q.state == _RUNNING, _Q.lease_until > now)
    return {row.name: row.runs for row in connection.execute(held.group_by(_Q.name))}


def _no_request(request_id: str) -> NotFoundError:
    return NotFoundError(f"There is no queued run with the id '{request_id}'.", hint="List them with: mw queue list")
