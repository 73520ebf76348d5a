from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.delivery.message import sign
from millwright.automation.notification import Channel
from millwright.automation.notification.channels import ChannelError, send
from millwright.automation.notification.digest import make_digest
from millwright.testing.notifications import notification

if TYPE_CHECKING:
    from millwright.automation.notification.channels.channel import Sending


def test_digest_is_posted_as_a_signed_cloudevent(receiver: Any, sending: Sending):
    record = notification()
    channel = Channel(name="x", kind="webhook", url=f"{receiver.url}/alerts", secret="key")
    send(channel, make_digest(record), sending)
    (request,) = receiver.requests
    event = request["body"]
    assert {name: event[name] for name in ("specversion", "id", "type", "source", "subject")} == {
        "specversion": "1.0",
        "id": record.id,
        "type": "millwright.alerts.notified",
        "source": "/millwright/endpoints/delay",
        "subject": "delay",
    }
    assert (event["data"]["severity"], event["data"]["resolved"]) == ("warning", False)
    assert [alert["message"] for alert in event["data"]["alerts"]] == ["It drifted."]
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == sending.delivery_id
    assert headers["webhook-signature"].startswith("v1,")
    assert sign(b"other", "1", "2", b"") != headers["webhook-signature"]


def test_refusal_is_told_with_the_time_to_wait(receiver: Any, sending: Sending):
    receiver.status, receiver.headers = 429, {"Retry-After": "7"}
    with pytest.raises(ChannelError, match="answered 429") as raised:
        send(Channel(name="x", kind="webhook", url=receiver.url), make_digest(notification()), sending)
    assert raised.value.retry_after_s == 7.0
