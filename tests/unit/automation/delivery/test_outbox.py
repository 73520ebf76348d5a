from __future__ import annotations

from millwright.automation.delivery import Outbox
from millwright.core.events import Event, EventBus
from millwright.core.records.delivery import WebhookFormat
from millwright.testing import sample
from millwright.testing.deliveries import webhook


def test_published_event_is_kept_with_a_delivery_under_each_name(stores):
    ours, theirs = webhook(events=("model.registered",)), webhook(events=("model_version.created",))
    stores.deliveries.create_webhook(ours)
    stores.deliveries.create_webhook(theirs)
    bus = EventBus()
    bus.keep(Outbox(stores.deliveries).keep)
    with stores.transactions.transaction():
        bus.publish(
            Event(type="model.registered", subject="m@1", at=sample.NOON, data={"name": "m"}), stores.transactions
        )
    topics = {delivery.webhook_id: delivery.topic for delivery in stores.deliveries.list_deliveries()}
    assert topics == {ours.id: "model.registered", theirs.id: "model_version.created"}
    assert theirs.format is WebhookFormat.CLOUDEVENT
