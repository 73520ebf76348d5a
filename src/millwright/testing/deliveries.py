"""Conformance of `DeliveryStore`; the opener gives the whole `Stores`, since events are written with other changes."""
# ruff: noqa: S101

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError, StateTransitionError
from millwright.core.events import Event
from millwright.core.ids import DeliveryId, WebhookId, new_id
from millwright.core.records.delivery import DeliveryRecord, DeliveryState, WebhookFormat, WebhookRecord, WebhookStatus
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.storage.base.deliveries import DeliveryStore
    from millwright.storage.catalog import Stores
    from millwright.testing.conformance import Opener


class DeliveryStoreConformance(StoreConformance):
    """Webhooks, the outbox and deliveries."""

    @pytest.fixture
    def deliveries(self, store: Stores) -> DeliveryStore:
        """The store under test."""
        return store.deliveries

    def test_webhook_is_given_back_as_it_was_stored(self, deliveries: DeliveryStore) -> None:
        """Its secret, too; and nobody sees the secret by printing it."""
        record = webhook(name="größe", description="🏗️", events=("a.b", "*"), format=WebhookFormat.MLFLOW, owner="ada")
        deliveries.create_webhook(record)
        assert deliveries.get_webhook(record.id) == record
        assert record.secret not in repr(record)
        with pytest.raises(AlreadyExistsError):
            deliveries.create_webhook(record)

    def test_webhooks_are_listed_newest_first_in_pages(self, deliveries: DeliveryStore) -> None:
        """A page goes on after one that was deleted, too."""
        made = [webhook(id=WebhookId(f"{number}" * 32)) for number in range(5)]
        for record in made:
            deliveries.create_webhook(record)
        assert deliveries.list_webhooks() == made[::-1]
        page = deliveries.list_webhooks(limit=2)
        deliveries.delete_webhook(page[-1].id)
        assert page + deliveries.list_webhooks(before=page[-1].id) == made[::-1]

    def test_unknown_webhook_is_an_error(self, deliveries: DeliveryStore) -> None:
        """Of every call that names one."""
        for call in (deliveries.get_webhook, deliveries.delete_webhook):
            with pytest.raises(NotFoundError, match="no webhook 'x'"):
                call(WebhookId("x"))
        with pytest.raises(NotFoundError, match="no webhook 'x'"):
            deliveries.update_webhook(webhook(id=WebhookId("x")))
        with pytest.raises(NotFoundError, match="no delivery 'x'"):
            deliveries.get_delivery(DeliveryId("x"))
        with pytest.raises(NotFoundError, match="no event 7"):
            deliveries.get_event(7)

    def test_updated_webhook_gets_what_it_asks_for_now(self, deliveries: DeliveryStore) -> None:
        """And no longer what it asked for before."""
        record = webhook(events=("a.b",))
        deliveries.create_webhook(record)
        changed = replace(record, events=("c.d",), url="https://other.example/x", name="new")
        deliveries.update_webhook(changed)
        assert deliveries.get_webhook(record.id) == changed
        append(deliveries, "a.b")
        append(deliveries, "c.d")
        assert [delivery.topic for delivery in deliveries.list_deliveries()] == ["c.d"]

    def test_event_is_kept_with_numbers_without_gaps(self, store: Stores) -> None:
        """Over all, and in its stream; a change that was taken back leaves none."""
        with suppress(ZeroDivisionError), store.transactions.transaction():
            append(store.deliveries, stream="a")
            raise ZeroDivisionError
        written = [append(store.deliveries, stream=stream, data=sample.JSON) for stream in ("a", "b", "a")]
        assert [(event.seq, event.stream, event.stream_seq) for event in written] == [
            (1, "a", 1),
            (2, "b", 1),
            (3, "a", 2),
        ]
        assert store.deliveries.list_events() == written
        assert store.deliveries.list_events(after_seq=1, limit=1) == written[1:2]
        assert store.deliveries.get_event(2) == written[1]

    def test_event_without_a_stream_has_its_subject_as_stream(self, deliveries: DeliveryStore) -> None:
        """Also when that is empty."""
        for subject in ("model@1", ""):
            event = Event(type="a.b", subject=subject, at=sample.NOON)
            assert deliveries.append_event(event, ["a.b"]).stream == subject

    def test_event_with_values_that_are_not_json_is_refused(self, deliveries: DeliveryStore) -> None:
        """With a clear message."""
        with pytest.raises(InvalidInputError, match="JSON values"):
            append(deliveries, data={"x": object()})

    def test_active_webhooks_that_asked_for_a_topic_get_one_delivery(self, deliveries: DeliveryStore) -> None:
        """Whichever topics they named; others get none."""
        wanted = [webhook(events=events) for events in (("a.b",), ("c.d",), ("*",), ("a.b", "c.d", "*"))]
        others = [webhook(events=("x.y",)), webhook(events=("a.b",), status=WebhookStatus.DISABLED)]
        for record in (*wanted, *others):
            deliveries.create_webhook(record)
        event = append(deliveries, "a.b", topics=("a.b", "c.d"))
        due = deliveries.list_due(sample.NOON)
        assert {delivery.webhook_id for delivery in due} == {record.id for record in wanted}
        assert all(delivery.event_seq == event.seq and delivery.attempts == 0 for delivery in due)
        topics = {delivery.webhook_id: delivery.topic for delivery in due}
        assert [topics[record.id] for record in wanted[:3]] == ["a.b", "c.d", "a.b"]

    def test_deliveries_of_a_stream_are_due_one_after_the_other(self, deliveries: DeliveryStore) -> None:
        """A failed attempt holds up its own stream only."""
        deliveries.create_webhook(webhook())
        for stream in ("a", "a", "b", "a"):
            append(deliveries, stream=stream)
        assert due_events(deliveries) == [1, 3]
        first = deliveries.list_due(sample.NOON)[0]
        later = sample.moment(60)
        assert deliveries.put_attempt(replace(first, attempts=1, next_try_at=later, last_error="503", status_code=503))
        assert due_events(deliveries) == [3]
        assert due_events(deliveries, 60) == [3, 1]
        tried = deliveries.get_delivery(first.id)
        assert (tried.attempts, tried.last_error, tried.status_code) == (1, "503", 503)
        assert deliveries.put_attempt(ended(tried, at=61))
        assert due_events(deliveries, 60) == [3]
        assert due_events(deliveries, 61) == [3, 2]

    def test_dead_delivery_lets_the_next_one_go(self, deliveries: DeliveryStore) -> None:
        """And is found by its state."""
        deliveries.create_webhook(webhook())
        append(deliveries)
        append(deliveries)
        first = deliveries.list_due(sample.NOON)[0]
        deliveries.put_attempt(ended(first, DeliveryState.DEAD, last_error="gone"))
        assert due_events(deliveries) == [2]
        assert [delivery.id for delivery in deliveries.list_deliveries(state=DeliveryState.DEAD)] == [first.id]
        assert deliveries.count_deliveries() == {
            first.webhook_id: {DeliveryState.DEAD: 1, DeliveryState.PENDING: 1},
        }

    def test_dead_delivery_is_due_again_when_retried(self, deliveries: DeliveryStore) -> None:
        """The stream goes on in order meanwhile and afterwards."""
        deliveries.create_webhook(webhook())
        for _ in range(4):
            append(deliveries)
        first = deliveries.list_due(sample.NOON)[0]
        with pytest.raises(StateTransitionError, match="is pending, not dead"):
            deliveries.retry(first.id, sample.NOON)
        deliveries.put_attempt(ended(first, DeliveryState.DEAD))
        again = deliveries.retry(first.id, sample.moment(-5))
        assert (again.state, again.attempts, again.ended_at) == (DeliveryState.PENDING, 0, None)
        assert due_events(deliveries) == [1, 2]
        deliveries.put_attempt(ended(again))
        assert due_events(deliveries) == [2]
        deliveries.put_attempt(ended(deliveries.list_due(sample.NOON)[0]))
        assert due_events(deliveries) == [3]

    def test_attempt_is_written_once(self, deliveries: DeliveryStore) -> None:
        """The second of two who made the same attempt learns that it was not needed."""
        deliveries.create_webhook(webhook())
        append(deliveries)
        first = deliveries.list_due(sample.NOON)[0]
        assert deliveries.put_attempt(ended(first))
        assert not deliveries.put_attempt(ended(first))
        assert not deliveries.put_attempt(replace(first, attempts=2))
        assert deliveries.get_delivery(first.id) == ended(first)

    def test_deliveries_of_a_disabled_webhook_wait(self, deliveries: DeliveryStore) -> None:
        """Until it is active again."""
        record = webhook()
        deliveries.create_webhook(record)
        append(deliveries)
        deliveries.update_webhook(replace(record, status=WebhookStatus.DISABLED))
        append(deliveries)
        assert due_events(deliveries) == []
        deliveries.update_webhook(record)
        assert due_events(deliveries) == [1]

    def test_deleted_webhook_takes_its_deliveries_with_it(self, deliveries: DeliveryStore) -> None:
        """The events stay."""
        gone, stays = webhook(), webhook()
        for record in (gone, stays):
            deliveries.create_webhook(record)
        append(deliveries)
        deliveries.delete_webhook(gone.id)
        assert [delivery.webhook_id for delivery in deliveries.list_deliveries()] == [stays.id]
        assert deliveries.list_deliveries(webhook_id=gone.id) == []
        assert len(deliveries.list_events()) == 1

    def test_purge_removes_what_has_ended_and_keeps_what_waits(self, deliveries: DeliveryStore) -> None:
        """Numbers go on where they were."""
        deliveries.create_webhook(webhook())
        for stream in ("a", "b", "c"):
            append(deliveries, stream=stream)
        deliveries.put_attempt(ended(deliveries.list_due(sample.NOON)[0]))
        assert (deliveries.count_ended(sample.moment(-1)), deliveries.purge(sample.moment(-1))) == (0, 0)
        assert (deliveries.count_ended(sample.moment(100)), deliveries.purge(sample.moment(100))) == (1, 1)
        assert deliveries.count_ended(sample.moment(100)) == 0
        assert [event.seq for event in deliveries.list_events()] == [2, 3]
        assert append(deliveries, stream="a").stream_seq == 2

    def test_events_of_two_processes_have_numbers_without_gaps(self, shared_opener: Opener) -> None:
        """And a reader who follows meanwhile misses none: what it has seen is always a beginning of the whole."""
        in_processes(shared_opener, _append_and_follow)
        with shared_opener() as store:
            events = store.deliveries.list_events()
            assert [event.seq for event in events] == list(range(1, 101))
            assert due_events(store.deliveries, 1) == []

    def test_event_survives_sigkill_with_its_change_and_not_without(self, shared_opener: Opener) -> None:
        """Both or neither."""
        name = in_killed_process(shared_opener, _change_and_tell)
        in_killed_process(shared_opener, _tell_inside)
        with shared_opener() as store:
            assert [event.subject for event in store.deliveries.list_events()] == [name]
            assert [endpoint.name for endpoint in store.endpoints.list()] == [name]


def webhook(**changes: Any) -> WebhookRecord:
    """A webhook that wants everything."""
    fields: dict[str, Any] = {
        "id": WebhookId(new_id()),
        "name": "hook",
        "url": "https://example.com/x",
        "events": ("*",),
        "secret": f"secret-{new_id()}",
        "created_at": sample.NOON,
        "updated_at": sample.NOON,
    }
    return WebhookRecord(**{**fields, **changes})


def append(store: DeliveryStore, kind: str = "a.b", *, topics: tuple[str, ...] = (), **fields: Any) -> Any:
    """Write an event of the stream `s`."""
    event = Event(**{"type": kind, "subject": "model@1", "at": sample.NOON, "stream": "s", **fields})
    return store.append_event(event, topics or (kind,))


def due_events(store: DeliveryStore, seconds: float = 0) -> list[int]:
    """The events whose deliveries are due at a moment, those first that have waited longest."""
    return [delivery.event_seq for delivery in store.list_due(sample.moment(seconds))]


def ended(
    record: DeliveryRecord, state: DeliveryState = DeliveryState.DELIVERED, *, at: float = 0, last_error: str = ""
) -> DeliveryRecord:
    """What the next attempt came to."""
    return replace(
        record,
        attempts=record.attempts + 1,
        state=state,
        next_try_at=None,
        ended_at=sample.NOON + timedelta(seconds=at),
        last_error=last_error,
    )


def _append_and_follow(store: Stores, number: int) -> None:
    seen: list[int] = []
    for _ in range(50):
        append(store.deliveries, stream=f"s{number}")
        seen += [event.seq for event in store.deliveries.list_events(after_seq=seen[-1] if seen else 0)]
        assert seen == list(range(1, len(seen) + 1))


def _change_and_tell(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    with store.transactions.transaction():
        store.endpoints.put(sample.endpoint("committed"))
        append(store.deliveries, subject="committed")
    acknowledge("committed")


def _tell_inside(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    with store.transactions.transaction():
        store.endpoints.put(sample.endpoint("open"))
        append(store.deliveries, subject="open")
        acknowledge("open")
