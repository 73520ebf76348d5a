"""A digest as a CloudEvent 1.0 in structured JSON, posted to a URL; signed as Standard Webhooks are with a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from millwright.automation.delivery.courier import refusal_text
from millwright.automation.delivery.message import cloud_envelope
from millwright.automation.delivery.transport import post
from millwright.automation.notification.channels.channel import ChannelError

if TYPE_CHECKING:
    from typing import Any

    from millwright.automation.delivery.message import Message
    from millwright.automation.delivery.options import DeliveryOptions
    from millwright.automation.notification.channels.channel import Channel, Sender, Sending
    from millwright.automation.notification.digest import Digest
    from millwright.core.records.notification import AlertNews

TYPE = "millwright.alerts.notified"


class WebhookSender:
    """Posts to the URL of a channel."""

    def send(self, channel: Channel, digest: Digest, sending: Sending) -> None:
        """See `Sender.send`."""
        fields = {
            "id": digest.id,
            "source": f"/millwright/endpoints/{quote(digest.endpoint, safe='')}",
            "type": TYPE,
            "subject": digest.endpoint,
            "time": max(item.at for item in digest.items),
            "data": {
                "route": digest.route,
                "endpoint": digest.endpoint,
                "severity": digest.severity.value,
                "resolved": digest.is_over,
                "example": digest.is_example,
                "title": digest.title,
                "text": digest.text,
                "alerts": [_shown(item) for item in digest.items],
            },
        }
        message = cloud_envelope(fields, secret=channel.secret, delivery_id=sending.delivery_id, now=sending.now)
        post_to(channel.url, message, sending.options)


def post_to(url: str, message: Message, options: DeliveryOptions) -> None:
    """Post a message.

    Raises:
        ChannelError: The answer is another than 2xx.
        InvalidInputError: The URL is none.
        OSError: The receiver cannot be reached in time.
    """
    reply = post(url, message, options)
    if not 200 <= reply.status < 300:
        raise ChannelError(refusal_text(reply), retry_after_s=reply.retry_after_s)


def _shown(item: AlertNews) -> dict[str, Any]:
    return {
        "alert_id": item.alert_id,
        "news": item.news.value,
        "monitor": item.monitor,
        "kind": item.kind,
        "subject": item.subject,
        "severity": item.severity.value,
        "message": item.message,
        "at": item.at.isoformat(),
        "since": item.since.isoformat(),
    }


if TYPE_CHECKING:
    _fits: Sender = WebhookSender()
