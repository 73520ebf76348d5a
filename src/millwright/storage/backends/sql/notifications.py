"""Silences, and notifications on their way to channels, in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError
from millwright.core.ids import DeliveryId, new_id
from millwright.core.records.delivery import DeliveryState
from millwright.core.records.notification import (
    ChannelDeliveryRecord,
    NotificationRecord,
    NotificationState,
    SilenceRecord,
)
from millwright.storage.backends.sql.notification_table import CHANNEL_DELIVERIES, NOTIFICATIONS, SILENCES
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.notifications import NotificationStore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.ids import NotificationId, SilenceId
    from millwright.storage.backends.sql.database import Database

_S, _N, _D = SILENCES.c, NOTIFICATIONS.c, CHANNEL_DELIVERIES.c
_PENDING, _GATHERING = DeliveryState.PENDING.value, NotificationState.GATHERING.value


class SqlNotificationStore(NotificationStore):
    """See `NotificationStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._silences = RecordRow(SilenceRecord, SILENCES)
        self._notifications = RecordRow(NotificationRecord, NOTIFICATIONS)
        self._deliveries = RecordRow(ChannelDeliveryRecord, CHANNEL_DELIVERIES)

    def create_silence(self, record: SilenceRecord) -> None:
        """See `NotificationStore.create_silence`."""
        statement = self._database.insert(SILENCES).on_conflict_do_nothing().returning(_S.id)
        with self._database.write() as connection:
            if connection.execute(statement, self._silences.values(record)).first() is None:
                raise AlreadyExistsError(f"The silence '{record.id}' exists already.", hint="Make a new id.")

    def list_silences(self, *, lasting_at: datetime | None = None, limit: int = 1000) -> list[SilenceRecord]:
        """See `NotificationStore.list_silences`."""
        statement = sa.select(SILENCES).order_by(_S.ends_at.desc(), _S.id.desc()).limit(limit)
        if lasting_at is not None:
            statement = statement.where(_S.ends_at > lasting_at)
        with self._database.read() as connection:
            return [self._silences.record(row) for row in connection.execute(statement)]

    def end_silence(self, silence_id: SilenceId, *, at: datetime, by: str) -> SilenceRecord:
        """See `NotificationStore.end_silence`."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(SILENCES).where(_S.id == silence_id).with_for_update()).first()
            if row is None:
                raise NotFoundError(f"There is no silence '{silence_id}'.", hint="List them: mw alerts silences.")
            silence = self._silences.record(row)
            if silence.ends_at <= at:
                raise StateTransitionError(
                    f"The silence '{silence_id}' has ended already.", hint="List those that last: mw alerts silences."
                )
            ended = replace(silence, ends_at=at, ended_by=by)
            connection.execute(sa.update(SILENCES).where(_S.id == silence_id), self._silences.values(ended))
        return ended

    def gather(self, record: NotificationRecord) -> NotificationRecord:
        """See `NotificationStore.gather`."""
        insert = self._database.insert(NOTIFICATIONS).on_conflict_do_nothing(index_elements=["gathering"])
        with self._database.write() as connection:
            while True:
                gathering = sa.select(NOTIFICATIONS).where(_N.gathering == record.stream).with_for_update()
                row = connection.execute(gathering).first()
                if row is not None:
                    held = self._notifications.record(row)
                    held = replace(held, items=(*held.items, *record.items))
                    connection.execute(sa.update(NOTIFICATIONS).where(_N.id == held.id), self._values(held))
                    return held
                place = connection.execute(insert.returning(_N.seq), self._values(record)).scalar()
                if place is not None:  # otherwise somebody else began one meanwhile
                    self._add_deliveries(connection, record, place)
                    return record

    def get(self, notification_id: NotificationId) -> NotificationRecord:
        """See `NotificationStore.get`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(NOTIFICATIONS).where(_N.id == notification_id)).first()
        if row is None:
            raise NotFoundError(f"There is no notification '{notification_id}'.", hint="It may have been purged.")
        return self._notifications.record(row)

    def latest(self, stream: str) -> NotificationRecord | None:
        """See `NotificationStore.latest`."""
        statement = sa.select(NOTIFICATIONS).where(_N.stream == stream).order_by(_N.seq.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return None if row is None else self._notifications.record(row)

    def seal_due(self, now: datetime) -> int:
        """See `NotificationStore.seal_due`; one by one, so that none waits for another while it holds one."""
        due = sa.select(_N.id).where(_N.state == _GATHERING, _N.due_at <= now)
        with self._database.read() as connection:
            found = list(connection.execute(due).scalars())
        return sum(self._seal(each, now) for each in found)

    def _seal(self, notification_id: str, now: datetime) -> bool:
        sealed = (
            sa.update(NOTIFICATIONS)
            .where(_N.id == notification_id, _N.state == _GATHERING)
            .values(state=NotificationState.SEALED.value, gathering=None)
            .returning(_N.id)
        )
        theirs = sa.update(CHANNEL_DELIVERIES).where(_D.notification_id == notification_id, _D.state == _PENDING)
        with self._database.write() as connection:
            if connection.execute(sealed).first() is None:
                return False
            connection.execute(theirs.values(next_try_at=now))
        return True

    def list_due(self, now: datetime, *, limit: int = 100) -> list[ChannelDeliveryRecord]:
        """See `NotificationStore.list_due`."""
        earlier = CHANNEL_DELIVERIES.alias("earlier")
        is_first = ~sa.exists().where(
            earlier.c.channel == _D.channel,
            earlier.c.stream == _D.stream,
            earlier.c.state == _PENDING,
            earlier.c.place < _D.place,
        )
        statement = (
            sa.select(CHANNEL_DELIVERIES)
            .where(_D.next_try_at <= now, is_first)
            .order_by(_D.next_try_at, _D.place)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [self._deliveries.record(row) for row in connection.execute(statement)]

    def put_attempt(self, record: ChannelDeliveryRecord) -> bool:
        """See `NotificationStore.put_attempt`."""
        statement = (
            sa.update(CHANNEL_DELIVERIES)
            .where(_D.id == record.id, _D.state == _PENDING, _D.attempts == record.attempts - 1)
            .returning(_D.id)
        )
        with self._database.write() as connection:
            return connection.execute(statement, self._deliveries.values(record)).first() is not None

    def list_deliveries(
        self, *, channel: str | None = None, state: DeliveryState | None = None, limit: int = 100
    ) -> list[ChannelDeliveryRecord]:
        """See `NotificationStore.list_deliveries`."""
        statement = sa.select(CHANNEL_DELIVERIES).order_by(_D.place.desc()).limit(limit)
        if channel is not None:
            statement = statement.where(_D.channel == channel)
        if state is not None:
            statement = statement.where(_D.state == state.value)
        with self._database.read() as connection:
            return [self._deliveries.record(row) for row in connection.execute(statement)]

    def count_deliveries(self) -> Mapping[str, Mapping[DeliveryState, int]]:
        """See `NotificationStore.count_deliveries`."""
        statement = sa.select(_D.channel, _D.state, sa.func.count()).group_by(_D.channel, _D.state)
        counts: dict[str, dict[DeliveryState, int]] = {}
        with self._database.read() as connection:
            for channel, state, count in connection.execute(statement):
                counts.setdefault(channel, {})[DeliveryState(state)] = count
        return counts

    def retry(self, channel: str, at: datetime) -> int:
        """See `NotificationStore.retry`."""
        theirs = sa.update(CHANNEL_DELIVERIES).where(_D.channel == channel)
        resting = theirs.where(_D.state == _PENDING, _D.next_try_at > at).values(next_try_at=at)
        dead = theirs.where(_D.state == DeliveryState.DEAD.value)
        again = dead.values(state=_PENDING, attempts=0, next_try_at=at, ended_at=None)
        with self._database.write() as connection:
            return connection.execute(resting).rowcount + connection.execute(again).rowcount

    def count_ended(self, before: datetime) -> int:
        """See `NotificationStore.count_ended`."""
        statement = sa.select(sa.func.count()).select_from(NOTIFICATIONS).where(*_ended(before))
        with self._database.read() as connection:
            return int(connection.execute(statement).scalar_one())

    def purge(self, before: datetime) -> int:
        """See `NotificationStore.purge`; deliveries go by the foreign key."""
        with self._database.write() as connection:
            connection.execute(sa.delete(SILENCES).where(_S.ends_at < before))
            return connection.execute(sa.delete(NOTIFICATIONS).where(*_ended(before))).rowcount

    def _values(self, record: NotificationRecord) -> dict[str, Any]:
        gathering = record.stream if record.state is NotificationState.GATHERING else None
        return {**self._notifications.values(record), "stream": record.stream, "gathering": gathering}

    def _add_deliveries(self, connection: Connection, record: NotificationRecord, place: int) -> None:
        rows = [
            {
                **self._deliveries.values(
                    ChannelDeliveryRecord(
                        id=DeliveryId(new_id()),
                        notification_id=record.id,
                        channel=channel,
                        stream=record.stream,
                        state=DeliveryState.PENDING,
                        created_at=record.created_at,
                    )
                ),
                "place": place,
            }
            for channel in dict.fromkeys(record.channels)
        ]
        if rows:
            connection.execute(sa.insert(CHANNEL_DELIVERIES), rows)


def _ended(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What holds of notifications all of whose deliveries ended before a moment."""
    others = sa.exists().where(_D.notification_id == _N.id, sa.or_(_D.ended_at.is_(None), _D.ended_at >= before))
    return _N.state == NotificationState.SEALED.value, _N.due_at < before, ~others
