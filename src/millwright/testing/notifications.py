"""Conformance of `NotificationStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError
from millwright.core.ids import AlertId, NotificationId, SilenceId, new_id
from millwright.core.records.delivery import DeliveryState
from millwright.core.records.monitor import Severity
from millwright.core.records.notification import (
    AlertNews,
    ChannelDeliveryRecord,
    News,
    NotificationRecord,
    NotificationState,
    SilenceRecord,
)
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_threads

if TYPE_CHECKING:
    from millwright.storage.base.notifications import NotificationStore


class NotificationStoreConformance(StoreConformance):
    """Silences, notifications and deliveries to channels."""

    def test_silences_are_listed_by_their_end(self, store: NotificationStore) -> None:
        """And only those that last, when asked for."""
        silences = [silence(ends_at=sample.moment(second), severity=Severity.WARNING) for second in (10, 30, 20)]
        for record in silences:
            store.create_silence(record)
        assert store.list_silences() == [silences[1], silences[2], silences[0]]
        assert store.list_silences(limit=1) == [silences[1]]
        assert store.list_silences(lasting_at=sample.moment(20)) == [silences[1]]
        with pytest.raises(AlreadyExistsError, match=silences[0].id):
            store.create_silence(silences[0])

    def test_silence_is_ended_once(self, store: NotificationStore) -> None:
        """It says who did so."""
        record = silence(ends_at=sample.moment(100))
        store.create_silence(record)
        ended = store.end_silence(record.id, at=sample.moment(50), by="ada")
        assert ended == replace(record, ends_at=sample.moment(50), ended_by="ada")
        assert store.list_silences() == [ended]
        with pytest.raises(StateTransitionError, match="ended"):
            store.end_silence(record.id, at=sample.moment(60), by="ada")
        with pytest.raises(NotFoundError, match="nowhere"):
            store.end_silence(SilenceId("nowhere"), at=sample.NOON, by="ada")

    def test_news_gather_in_one_notification_until_it_is_due(self, store: NotificationStore) -> None:
        """Then the next one begins; each channel gets one delivery of each."""
        first, second, third = (notification(items=(news(text),)) for text in "abc")
        assert store.gather(first) == first
        held = store.gather(second)
        assert held == replace(first, items=(*first.items, *second.items)) == store.get(first.id)
        assert store.list_due(sample.moment(60)) == []
        assert store.seal_due(sample.moment(29)) == 0
        assert store.seal_due(sample.moment(30)) == 1
        assert store.seal_due(sample.moment(30)) == 0
        assert store.get(first.id).state is NotificationState.SEALED
        assert store.gather(third) == third
        assert store.latest("ops|delay") == third
        assert store.latest("nowhere") is None
        due = store.list_due(sample.moment(30))
        assert sorted((each.channel, each.notification_id) for each in due) == [("mail", first.id), ("pager", first.id)]
        with pytest.raises(NotFoundError, match="nowhere"):
            store.get(NotificationId("nowhere"))

    def test_news_of_other_groups_gather_apart(self, store: NotificationStore) -> None:
        """By route and by endpoint."""
        for record in (notification(), notification(route="other"), notification(endpoint="other")):
            assert store.gather(record) == record

    def test_news_that_come_at_once_are_all_held(self, store: NotificationStore) -> None:
        """By one notification."""
        held = in_threads(lambda number: store.gather(notification(items=(news(str(number)),))).id, count=4)
        assert len(set(held)) == 1
        assert sorted(item.message for item in store.get(held[0]).items) == list("0123")
        assert len(store.list_deliveries()) == 2

    def test_deliveries_of_a_channel_and_group_are_due_one_after_the_other(self, store: NotificationStore) -> None:
        """A failed one holds up its own group only."""
        records = [notification(channels=("mail",)), notification(channels=("mail",)), notification(endpoint="other")]
        for record in records:
            store.gather(record)
            store.seal_due(sample.moment(30))
        first = next(each for each in store.list_due(sample.moment(30)) if each.notification_id == records[0].id)
        assert records[1].id not in {each.notification_id for each in store.list_due(sample.moment(30))}
        failed = replace(first, attempts=1, next_try_at=sample.moment(90), last_error="größer")
        assert store.put_attempt(failed)
        assert not store.put_attempt(failed)
        assert {each.notification_id for each in store.list_due(sample.moment(60))} == {records[2].id}
        assert store.put_attempt(ended(failed))
        assert not store.put_attempt(ended(failed))
        assert records[1].id in {each.notification_id for each in store.list_due(sample.moment(60))}

    def test_deliveries_are_listed_and_counted(self, store: NotificationStore) -> None:
        """Newest first; by channel and state when asked for."""
        records = [notification(endpoint=name) for name in "ab"]
        for record in records:
            store.gather(record)
        store.seal_due(sample.moment(30))
        mail = next(each for each in store.list_due(sample.moment(30)) if each.channel == "mail")
        store.put_attempt(ended(mail))
        assert [each.notification_id for each in store.list_deliveries(channel="pager")] == [
            records[1].id,
            records[0].id,
        ]
        assert [each.id for each in store.list_deliveries(state=DeliveryState.DELIVERED)] == [mail.id]
        assert store.list_deliveries(channel="pager", state=DeliveryState.DELIVERED) == []
        assert len(store.list_deliveries(limit=3)) == 3
        assert store.count_deliveries() == {
            "mail": {DeliveryState.DELIVERED: 1, DeliveryState.PENDING: 1},
            "pager": {DeliveryState.PENDING: 2},
        }

    def test_dead_deliveries_are_made_due_again(self, store: NotificationStore) -> None:
        """Those of one channel."""
        store.gather(notification())
        store.seal_due(sample.moment(30))
        for each in store.list_due(sample.moment(30)):
            store.put_attempt(ended(each, state=DeliveryState.DEAD))
        assert store.list_due(sample.moment(60)) == []
        assert store.retry("mail", sample.moment(60)) == 1
        (again,) = store.list_due(sample.moment(60))
        assert (again.channel, again.attempts, again.ended_at) == ("mail", 0, None)

    def test_deliveries_that_rest_are_made_due_with_their_attempts(self, store: NotificationStore) -> None:
        """Those of one channel; what still gathers is left to."""
        store.gather(notification())
        store.gather(notification(endpoint="other", due_at=sample.moment(500)))
        store.seal_due(sample.moment(30))
        for each in store.list_due(sample.moment(30)):
            store.put_attempt(replace(each, attempts=1, next_try_at=sample.moment(300)))
        assert store.list_due(sample.moment(60)) == []
        assert store.retry("mail", sample.moment(60)) == 1
        (again,) = store.list_due(sample.moment(60))
        assert (again.channel, again.attempts) == ("mail", 1)
        assert store.retry("mail", sample.moment(60)) == 0

    def test_what_has_ended_is_purged(self, store: NotificationStore) -> None:
        """Notifications with all their deliveries, and silences."""
        store.create_silence(silence(ends_at=sample.moment(10)))
        store.create_silence(silence(ends_at=sample.moment(1000)))
        done, open_still = notification(), notification(endpoint="other")
        for record in (done, open_still):
            store.gather(record)
        store.seal_due(sample.moment(30))
        for each in store.list_due(sample.moment(30)):
            if each.notification_id == done.id or each.channel == "mail":
                store.put_attempt(ended(each))
        for moment, count in ((40, 0), (500, 1)):
            assert store.count_ended(sample.moment(moment)) == count
            assert store.purge(sample.moment(moment)) == count
        assert {each.notification_id for each in store.list_deliveries()} == {open_still.id}
        assert len(store.list_silences()) == 1


def silence(**fields: Any) -> SilenceRecord:
    """A silence from `NOON` on."""
    given: dict[str, Any] = {
        "id": SilenceId(new_id()),
        "starts_at": sample.NOON,
        "created_by": "ada",
        "reason": "Umbau",
    }
    return SilenceRecord(**(given | fields))


def news(message: str = "It drifted.") -> AlertNews:
    """A new alert."""
    return AlertNews(
        news=News.RAISED,
        alert_id=AlertId(new_id()),
        at=sample.NOON,
        kind="drift",
        subject="",
        severity=Severity.WARNING,
        message=message,
        since=sample.NOON,
    )


def notification(**fields: Any) -> NotificationRecord:
    """A notification of one new alert for two channels, due 30 s after `NOON`."""
    given: dict[str, Any] = {
        "id": NotificationId(new_id()),
        "route": "ops",
        "endpoint": "delay",
        "channels": ("mail", "pager"),
        "state": NotificationState.GATHERING,
        "created_at": sample.NOON,
        "due_at": sample.moment(30),
        "items": (news(),),
    }
    return NotificationRecord(**(given | fields))


def ended(delivery: ChannelDeliveryRecord, *, state: DeliveryState = DeliveryState.DELIVERED) -> ChannelDeliveryRecord:
    """The delivery after one more attempt, which ended it."""
    at = sample.NOON + timedelta(seconds=100)
    return replace(delivery, attempts=delivery.attempts + 1, state=state, next_try_at=None, ended_at=at)
