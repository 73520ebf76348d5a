"""A delivery as it is sent: bytes and headers.

Our own webhooks get a CloudEvent 1.0 in structured JSON mode (https://cloudevents.io), signed as Standard Webhooks are
(https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp`, `webhook-signature`. Those that were made over
MLflow's wire get MLflow's payload, with its headers `X-MLflow-Delivery-Id`, `X-MLflow-Timestamp`, `X-MLflow-Signature`.
Both sign `<delivery id>.<timestamp>.<body>` with HMAC-SHA256, written as `v1,<base64>`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from millwright.automation.delivery.mlflow_event import mlflow_payload
from millwright.core.records.delivery import WebhookFormat
from millwright.version import __version__

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.records.delivery import EventRecord, WebhookRecord

_STANDARD_SECRET = "whsec_"  # noqa: S105 - the prefix of a secret whose rest is base64
_AGENT = f"millwright/{__version__}"


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted."""

    body: bytes
    headers: Mapping[str, str]


def build_message(
    webhook: WebhookRecord, event: EventRecord, *, topic: str, delivery_id: str, now: datetime
) -> Message:
    """A delivery in its webhook's form, signed when the webhook has a secret.

    Args:
        webhook: Whom it is for.
        event: What it tells of.
        topic: The name under which the webhook asked for it.
        delivery_id: 32 hex digits; the same for each attempt.
        now: The time of this attempt, which is part of what is signed.
    """
    if webhook.format is WebhookFormat.MLFLOW:
        return mlflow_message(webhook, topic, mlflow_payload(topic, event.data), delivery_id=delivery_id, now=now)
    return cloud_message(webhook, event, delivery_id=delivery_id, now=now)


def cloud_message(webhook: WebhookRecord, event: EventRecord, *, delivery_id: str, now: datetime) -> Message:
    """A CloudEvent.

    `sequence` (with `sequencetype`) and `partitionkey` are CloudEvents' extensions: the event's place in its stream.
    """
    event_fields = {
        "id": event.id,
        "source": f"/millwright/{quote(event.stream, safe='/@:')}",
        "type": f"millwright.{event.type}",
        "subject": event.subject,
        "time": event.at,
        "sequence": f"{event.stream_seq:020d}",
        "sequencetype": "Integer",
        "partitionkey": event.stream,
        "data": dict(event.data),
    }
    return cloud_envelope(event_fields, secret=webhook.secret, delivery_id=delivery_id, now=now)


def cloud_envelope(fields: Mapping[str, Any], *, secret: str, delivery_id: str, now: datetime) -> Message:
    """Any CloudEvent of ours, signed when there is a secret.

    Args:
        fields: Its attributes, in the order in which they are sent, but for `specversion` and `datacontenttype`; `time`
            is a moment, `data` holds JSON values.
        secret: Shared with the receiver; empty for none.
        delivery_id: The same for each attempt.
        now: The time of this attempt.
    """
    time = fields["time"].isoformat().replace("+00:00", "Z")
    attributes = {"specversion": "1.0", "datacontenttype": "application/json", **fields, "time": time}
    body = _encode(attributes)
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": delivery_id, "webhook-timestamp": stamp}
    if secret:
        headers["webhook-signature"] = sign(_standard_key(secret), delivery_id, stamp, body)
    return Message(body, {"content-type": "application/cloudevents+json", "user-agent": _AGENT, **headers})


def json_message(value: Any) -> Message:
    """Plain JSON, for receivers with a form of their own."""
    return Message(_encode(value), {"content-type": "application/json", "user-agent": _AGENT})


def mlflow_message(
    webhook: WebhookRecord, topic: str, data: Mapping[str, Any], *, delivery_id: str, now: datetime
) -> Message:
    """MLflow's form."""
    entity, _, action = topic.partition(".")
    body = _encode({"entity": entity, "action": action, "timestamp": now.isoformat(), "data": dict(data)})
    stamp, identifier = str(int(now.timestamp())), str(UUID(delivery_id))
    headers = {"X-MLflow-Delivery-Id": identifier, "X-MLflow-Timestamp": stamp}
    if webhook.secret:
        headers["X-MLflow-Signature"] = sign(webhook.secret.encode(), identifier, stamp, body)
    return Message(body, {"content-type": "application/json", "user-agent": _AGENT, **headers})


def sign(key: bytes, delivery_id: str, stamp: str, body: bytes) -> str:
    """The signature of a message: `v1,` and the base64 of an HMAC-SHA256.

    Args:
        key: The shared secret.
        delivery_id: As sent.
        stamp: Seconds since 1970, as sent.
        body: As sent.

    Example:
        >>> sign(b"key", "1", "2", b"{}")
        'v1,9iXOMau8MQvofxZwGPd/aC/ZrwvhfkmpWBMiycRwdZ0='
    """
    signed = b".".join((delivery_id.encode(), stamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _standard_key(secret: str) -> bytes:
    if not secret.startswith(_STANDARD_SECRET):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_STANDARD_SECRET), validate=True)
    except ValueError:
        return secret.encode()


def _encode(value: Any) -> bytes:
    # NaN has no form in JSON; receivers in most languages would refuse the whole message.
    return json.dumps(_finite(value), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value
