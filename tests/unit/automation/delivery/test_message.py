from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from millwright.automation.delivery.message import build_message, sign
from millwright.core.ids import new_id
from millwright.core.records.delivery import EventRecord, WebhookFormat
from millwright.testing import sample
from millwright.testing.deliveries import webhook

EVENT = EventRecord(
    seq=7,
    stream="models/größe",
    stream_seq=3,
    id="e1",
    type="model.promoted",
    subject="größe@3",
    at=sample.NOON,
    data={"name": "größe", "version": 3, "alias": "champion", "score": float("nan"), "more": [float("inf")]},
)
ID = new_id()


def test_own_webhook_gets_a_cloud_event_signed_as_standard_webhooks_are():
    hook = webhook(secret="s3cret")
    message = build_message(hook, EVENT, topic="model.promoted", delivery_id=ID, now=sample.NOON)
    event = json.loads(message.body)
    assert event["specversion"] == "1.0"
    assert event["type"] == "millwright.model.promoted"
    assert event["source"] == "/millwright/models/gr%C3%B6%C3%9Fe"
    assert event["time"] == "2026-03-29T12:00:00.123456Z"
    assert (event["sequence"], event["partitionkey"]) == ("00000000000000000003", "models/größe")
    assert event["data"]["version"] == 3
    assert (event["data"]["score"], event["data"]["more"]) == ("nan", ["inf"])
    assert message.headers["content-type"] == "application/cloudevents+json"
    signed = f"{ID}.{message.headers['webhook-timestamp']}.".encode() + message.body
    expected = base64.b64encode(hmac.new(b"s3cret", signed, hashlib.sha256).digest()).decode()
    assert message.headers["webhook-signature"] == f"v1,{expected}"


def test_standard_secret_is_decoded():
    key = base64.b64encode(b"raw key").decode()
    plain = build_message(webhook(secret="whsec_" + key), EVENT, topic="x", delivery_id=ID, now=sample.NOON)
    stamp = plain.headers["webhook-timestamp"]
    assert plain.headers["webhook-signature"] == sign(b"raw key", ID, stamp, plain.body)
    odd = build_message(webhook(secret="whsec_%%"), EVENT, topic="x", delivery_id=ID, now=sample.NOON)
    assert odd.headers["webhook-signature"] == sign(b"whsec_%%", ID, stamp, odd.body)


@pytest.mark.parametrize("form", WebhookFormat)
def test_message_without_a_secret_is_not_signed(form: WebhookFormat):
    hook = webhook(secret="", format=form)
    message = build_message(hook, EVENT, topic="model_version_alias.created", delivery_id=ID, now=sample.NOON)
    assert not [name for name in message.headers if "signature" in name.lower()]


def test_mlflow_webhook_gets_its_payload_and_headers():
    hook = webhook(secret="s3cret", format=WebhookFormat.MLFLOW)
    message = build_message(hook, EVENT, topic="model_version_alias.created", delivery_id=ID, now=sample.NOON)
    assert json.loads(message.body) == {
        "entity": "model_version_alias",
        "action": "created",
        "timestamp": "2026-03-29T12:00:00.123456+00:00",
        "data": {"name": "größe", "version": "3", "alias": "champion"},
    }
    identifier = message.headers["X-MLflow-Delivery-Id"]
    assert identifier.replace("-", "") == ID
    expected = sign(b"s3cret", identifier, message.headers["X-MLflow-Timestamp"], message.body)
    assert message.headers["X-MLflow-Signature"] == expected


def test_text_with_lone_surrogates_can_be_sent():
    event = replace(EVENT, data={"text": "\ud800"})
    assert b"?" in build_message(webhook(), event, topic="x", delivery_id=ID, now=sample.NOON).body
