"""Webhooks, and the events that wait for delivery, in SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError
from millwright.core.ids import DeliveryId, WebhookId, new_id
from millwright.core.records.delivery import (
    DeliveryRecord,
    DeliveryState,
    EventRecord,
    WebhookRecord,
    WebhookStatus,
)
from millwright.storage.backends.sql.delivery_table import (
    DELIVERIES,
    EVENT_STREAMS,
    EVENTS,
    WEBHOOK_TOPICS,
    WEBHOOKS,
)
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.deliveries import DeliveryStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from millwright.core.events import Event
    from millwright.storage.backends.sql.database import Database

_EVERY = "*"  # the topic of those who want all events
_ALL_STREAMS = ""
_W, _T, _E, _D = WEBHOOKS.c, WEBHOOK_TOPICS.c, EVENTS.c, DELIVERIES.c
_PENDING = DeliveryState.PENDING.value
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SqlDeliveryStore(DeliveryStore):
    """See `DeliveryStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._webhooks = RecordRow(WebhookRecord, WEBHOOKS)
        self._events = RecordRow(EventRecord, EVENTS)
        self._deliveries = RecordRow(DeliveryRecord, DELIVERIES)
        insert = database.insert(EVENT_STREAMS)
        self._count = insert.on_conflict_do_update(
            index_elements=["stream"], set_={"latest": EVENT_STREAMS.c.latest + 1}
        ).returning(EVENT_STREAMS.c.latest)

    def create_webhook(self, record: WebhookRecord) -> None:
        """See `DeliveryStore.create_webhook`."""
        statement = self._database.insert(WEBHOOKS).on_conflict_do_nothing().returning(_W.id)
        with self._database.write() as connection:
            if connection.execute(statement, self._webhooks.values(record)).first() is None:
                raise AlreadyExistsError(f"The webhook '{record.id}' exists already.", hint="Make a new id.")
            _put_topics(connection, record)

    def get_webhook(self, webhook_id: WebhookId) -> WebhookRecord:
        """See `DeliveryStore.get_webhook`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(WEBHOOKS).where(_W.id == webhook_id)).first()
        if row is None:
            raise _no_webhook(webhook_id)
        return self._webhooks.record(row)

    def list_webhooks(self, *, before: WebhookId | None = None, limit: int = 1000) -> list[WebhookRecord]:
        """See `DeliveryStore.list_webhooks`."""
        statement = sa.select(WEBHOOKS).order_by(_W.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(_W.id < before)
        with self._database.read() as connection:
            return [self._webhooks.record(row) for row in connection.execute(statement)]

    def update_webhook(self, record: WebhookRecord) -> None:
        """See `DeliveryStore.update_webhook`."""
        statement = sa.update(WEBHOOKS).where(_W.id == record.id).returning(_W.id)
        with self._database.write() as connection:
            if connection.execute(statement, self._webhooks.values(record)).first() is None:
                raise _no_webhook(record.id)
            connection.execute(sa.delete(WEBHOOK_TOPICS).where(_T.webhook_id == record.id))
            _put_topics(connection, record)

    def delete_webhook(self, webhook_id: WebhookId) -> None:
        """See `DeliveryStore.delete_webhook`; the rest goes by the foreign keys."""
        with self._database.write() as connection:
            if connection.execute(sa.delete(WEBHOOKS).where(_W.id == webhook_id).returning(_W.id)).first() is None:
                raise _no_webhook(webhook_id)

    def append_event(self, event: Event, topics: Sequence[str]) -> EventRecord:
        """See `DeliveryStore.append_event`."""
        stream = event.stream or event.subject
        with self._database.write() as connection:
            # Raising the common number locks its row until the end: nobody sees a later number before an earlier one.
            # The stream's row is locked for `put_attempt`, which must not miss what is being added behind it.
            seq = connection.execute(self._count, {"stream": _ALL_STREAMS, "latest": 1}).scalar_one()
            stream_seq = connection.execute(self._count, {"stream": f"/{stream}", "latest": 1}).scalar_one()
            record = EventRecord(
                seq=seq,
                stream=stream,
                stream_seq=stream_seq,
                id=event.id,
                type=event.type,
                subject=event.subject,
                at=event.at,
                data=event.data,
            )
            connection.execute(sa.insert(EVENTS), self._events.values(record))
            rows = [self._deliveries.values(delivery) for delivery in self._fan_out(connection, record, topics)]
            if rows:
                connection.execute(sa.insert(DELIVERIES), rows)
        return record

    def _fan_out(self, connection: Connection, event: EventRecord, topics: Sequence[str]) -> list[DeliveryRecord]:
        waiting = (
            sa.exists().where(_D.webhook_id == _W.id, _D.stream == event.stream, _D.state == _PENDING).label("waiting")
        )
        statement = (
            sa.select(_W.id, _T.topic, waiting)
            .join(WEBHOOK_TOPICS, _T.webhook_id == _W.id)
            .where(_T.topic.in_([*topics, _EVERY]), _W.status == WebhookStatus.ACTIVE.value)
        )
        wanted: dict[str, Any] = {}
        for row in connection.execute(statement):
            if row.id not in wanted or wanted[row.id].topic == _EVERY:
                wanted[row.id] = row
        return [
            DeliveryRecord(
                id=DeliveryId(new_id()),
                webhook_id=WebhookId(row.id),
                event_seq=event.seq,
                topic=topics[0] if row.topic == _EVERY else row.topic,
                stream=event.stream,
                state=DeliveryState.PENDING,
                attempts=0,
                created_at=event.at,
                next_try_at=None if row.waiting else event.at,
            )
            for row in wanted.values()
        ]

    def get_event(self, seq: int) -> EventRecord:
        """See `DeliveryStore.get_event`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(EVENTS).where(_E.seq == seq)).first()
        if row is None:
            raise NotFoundError(f"There is no event {seq}.", hint="It may have been purged: see mw gc.")
        return self._events.record(row)

    def list_events(self, *, after_seq: int = 0, limit: int = 1000) -> list[EventRecord]:
        """See `DeliveryStore.list_events`."""
        statement = sa.select(EVENTS).where(_E.seq > after_seq).order_by(_E.seq).limit(limit)
        with self._database.read() as connection:
            return [self._events.record(row) for row in connection.execute(statement)]

    def list_due(self, now: datetime, *, limit: int = 100) -> list[DeliveryRecord]:
        """See `DeliveryStore.list_due`."""
        active = sa.exists().where(_W.id == _D.webhook_id, _W.status == WebhookStatus.ACTIVE.value)
        statement = (
            sa.select(DELIVERIES)
            .where(_D.next_try_at <= now, active)
            .order_by(_D.next_try_at, _D.event_seq)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [self._deliveries.record(row) for row in connection.execute(statement)]

    def get_delivery(self, delivery_id: DeliveryId) -> DeliveryRecord:
        """See `DeliveryStore.get_delivery`."""
        with self._database.read() as connection:
            return self._delivery(connection, delivery_id)

    def list_deliveries(
        self, *, webhook_id: WebhookId | None = None, state: DeliveryState | None = None, limit: int = 100
    ) -> list[DeliveryRecord]:
        """See `DeliveryStore.list_deliveries`."""
        statement = sa.select(DELIVERIES).order_by(_D.event_seq.desc()).limit(limit)
        if webhook_id is not None:
            statement = statement.where(_D.webhook_id == webhook_id)
        if state is not None:
            statement = statement.where(_D.state == state.value)
        with self._database.read() as connection:
            return [self._deliveries.record(row) for row in connection.execute(statement)]

    def count_deliveries(self) -> Mapping[WebhookId, Mapping[DeliveryState, int]]:
        """See `DeliveryStore.count_deliveries`."""
        statement = sa.select(_D.webhook_id, _D.state, sa.func.count()).group_by(_D.webhook_id, _D.state)
        counts: dict[WebhookId, dict[DeliveryState, int]] = {}
        with self._database.read() as connection:
            for webhook_id, state, count in connection.execute(statement):
                counts.setdefault(WebhookId(webhook_id), {})[DeliveryState(state)] = count
        return counts

    def put_attempt(self, record: DeliveryRecord) -> bool:
        """See `DeliveryStore.put_attempt`."""
        statement = (
            sa.update(DELIVERIES)
            .where(_D.id == record.id, _D.state == _PENDING, _D.attempts == record.attempts - 1)
            .returning(_D.id)
        )
        with self._database.write() as connection:
            self._lock_stream(connection, record.stream)
            if connection.execute(statement, self._deliveries.values(record)).first() is None:
                return False
            if record.state is not DeliveryState.PENDING:
                _wake_next(connection, record)
        return True

    def retry(self, delivery_id: DeliveryId, at: datetime) -> DeliveryRecord:
        """See `DeliveryStore.retry`."""
        again = {"state": _PENDING, "attempts": 0, "next_try_at": at, "ended_at": None}
        statement = sa.update(DELIVERIES).where(_D.id == delivery_id, _D.state == DeliveryState.DEAD.value)
        with self._database.write() as connection:
            known = self._delivery(connection, delivery_id)
            self._lock_stream(connection, known.stream)
            if connection.execute(statement.values(**again).returning(_D.id)).first() is None:
                raise StateTransitionError(
                    f"The delivery {delivery_id} is {known.state}, not dead.", hint="Only dead ones can be retried."
                )
            return self._delivery(connection, delivery_id)

    def count_ended(self, before: datetime) -> int:
        """See `DeliveryStore.count_ended`."""
        kept = sa.exists().where(_D.event_seq == _E.seq, sa.or_(_D.ended_at.is_(None), _D.ended_at >= before))
        statement = sa.select(sa.func.count()).select_from(EVENTS).where(_E.at < before, ~kept)
        with self._database.read() as connection:
            return connection.execute(statement).scalar_one()

    def purge(self, before: datetime) -> int:
        """See `DeliveryStore.purge`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(DELIVERIES).where(_D.ended_at < before))
            named = sa.exists().where(_D.event_seq == _E.seq)
            return connection.execute(sa.delete(EVENTS).where(_E.at < before, ~named)).rowcount

    def _delivery(self, connection: Connection, delivery_id: DeliveryId) -> DeliveryRecord:
        row = connection.execute(sa.select(DELIVERIES).where(_D.id == delivery_id)).first()
        if row is None:
            raise NotFoundError(f"There is no delivery '{delivery_id}'.", hint="List them: mw webhooks deliveries.")
        return self._deliveries.record(row)

    @staticmethod
    def _lock_stream(connection: Connection, stream: str) -> None:
        latest = EVENT_STREAMS.c
        connection.execute(sa.select(latest.latest).where(latest.stream == f"/{stream}").with_for_update())


def _put_topics(connection: Connection, record: WebhookRecord) -> None:
    rows = [{"topic": topic, "webhook_id": record.id} for topic in dict.fromkeys(record.events)]
    if rows:
        connection.execute(sa.insert(WEBHOOK_TOPICS), rows)


def _wake_next(connection: Connection, ended: DeliveryRecord) -> None:
    """Make the next of the stream due, unless one of it is: then that one will do so."""
    same = (_D.webhook_id == ended.webhook_id, _D.stream == ended.stream)
    due = sa.select(_D.id).where(*same, _D.next_try_at >= _EPOCH).limit(1)
    if connection.execute(due).first() is not None:
        return
    waiting = sa.select(_D.id).where(*same, _D.state == _PENDING).order_by(_D.event_seq).limit(1)
    following = connection.execute(waiting).scalar()
    if following is not None:
        connection.execute(sa.update(DELIVERIES).where(_D.id == following).values(next_try_at=ended.ended_at))


def _no_webhook(webhook_id: str) -> NotFoundError:
    return NotFoundError(f"There is no webhook '{webhook_id}'.", hint="List them: mw webhooks list.")
