"""Webhooks, the events that are kept for them, and what became of each delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import DeliveryId, EventId, WebhookId


class WebhookStatus(StrEnum):
    """Whether a webhook gets anything."""

    ACTIVE = "active"  # entered on creation, and when switched on again: events are kept for it and delivered
    DISABLED = (
        "disabled"  # entered by hand: events of this time are not kept for it, what waits already goes on waiting
    )


class WebhookFormat(StrEnum):
    """What a delivery looks like."""

    CLOUDEVENT = "cloudevent"  # CloudEvents 1.0 in structured JSON, signed as Standard Webhooks are
    MLFLOW = "mlflow"  # MLflow's payload and headers


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"  # entered with the event, and when a dead one is retried by hand
    DELIVERED = "delivered"  # the receiver answered 2xx; final
    DEAD = "dead"  # every attempt failed: shown to people, left only when they ask for a retry


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookRecord:
    """An address that is told of events.

    Attributes:
        name: For people; several may have the same.
        events: Types of events, such as `model.promoted`, or MLflow's, such as `model_version.created`; `*` for all.
        secret: Signs each delivery; not signed when empty. Stored, and never shown again.
        owner: Who made it.
    """

    id: WebhookId
    name: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    description: str = ""
    secret: str = field(default="", repr=False)
    status: WebhookStatus = WebhookStatus.ACTIVE
    format: WebhookFormat = WebhookFormat.CLOUDEVENT
    owner: str = ""
    project: str = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRecord:
    """An event as it was written with the change that it tells of.

    Attributes:
        seq: 1, 2, 3 … over all events, without gaps, in the order of commits.
        stream: Events of one stream are delivered in order.
        stream_seq: 1, 2, 3 … within the stream.
        data: JSON values.
    """

    seq: int
    stream: str
    stream_seq: int
    id: EventId
    type: str
    subject: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRecord:
    """One event on its way to one webhook.

    Attributes:
        id: Sent with each attempt, so that a receiver knows one that it has had already.
        event_seq: Which event.
        topic: The name under which the webhook asked for it.
        attempts: Made so far.
        next_try_at: None when it waits for an earlier one of its stream, or has ended.
        ended_at: When it was delivered or given up.
        status_code: The receiver's last answer; None when there was none.
        last_error: What went wrong last; empty when nothing did.
    """

    id: DeliveryId
    webhook_id: WebhookId
    event_seq: int
    topic: str
    stream: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_try_at: datetime | None = None
    ended_at: datetime | None = None
    status_code: int | None = None
    last_error: str = ""
