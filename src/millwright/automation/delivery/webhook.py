"""Adds, changes, removes and tests webhooks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from millwright.automation.delivery.address import ForbiddenAddressError, look_up, parse_target
from millwright.automation.delivery.courier import refusal_text
from millwright.automation.delivery.message import cloud_message, mlflow_message
from millwright.automation.delivery.mlflow_event import MLFLOW_TOPICS
from millwright.automation.delivery.options import DeliveryOptions
from millwright.automation.delivery.topic import TEST, check_topics
from millwright.automation.delivery.transport import post
from millwright.core.errors import ConflictError, InvalidInputError, MillwrightError, NotFoundError, closest
from millwright.core.ids import EventId, WebhookId, new_id
from millwright.core.records.delivery import EventRecord, WebhookFormat, WebhookRecord, WebhookStatus

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.ids import DeliveryId
    from millwright.core.records.delivery import DeliveryRecord
    from millwright.storage.catalog import Stores

_NAME = re.compile(r"(?=.{1,63}\Z)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
_LOOK_UP_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookDraft:
    """What is to become a webhook; see `WebhookRecord`."""

    name: str
    url: str
    events: tuple[str, ...]
    description: str = ""
    secret: str = ""
    status: WebhookStatus = WebhookStatus.ACTIVE
    format: WebhookFormat = WebhookFormat.CLOUDEVENT


@dataclass(frozen=True, kw_only=True, slots=True)
class TestResult:
    """What came of a test.

    Attributes:
        status_code: The receiver's answer; None when there was none.
        body: The beginning of it.
        error: What went wrong; empty when it was taken.
    """

    __test__ = False  # for pytest: it is no test

    delivered: bool
    status_code: int | None = None
    body: str = ""
    error: str = ""


class Webhooks:
    """Changes webhooks, each change with its audit entry in one transaction.

    Args:
        stores: Where they are kept.
        clock: The time of each change.
        actor: Who changes them.
        options: Which addresses are allowed, and limits of tests.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str, options: DeliveryOptions | None = None) -> None:
        self._stores = stores
        self._store = stores.deliveries
        self._clock = clock
        self._actor = actor
        self._options = options or DeliveryOptions()

    def add(self, draft: WebhookDraft) -> WebhookRecord:
        """Add a webhook; it gets what happens from now on.

        Raises:
            InvalidInputError: The name, the URL, its address or an event is not allowed.
        """
        self._check(draft.name, draft.url)
        now = self._clock.now()
        record = WebhookRecord(
            id=WebhookId(new_id()),
            name=draft.name,
            url=draft.url,
            events=check_topics(draft.events, draft.format),
            description=draft.description,
            secret=draft.secret,
            status=draft.status,
            format=draft.format,
            owner=self._actor,
            created_at=now,
            updated_at=now,
        )
        with self._stores.transactions.transaction():
            self._store.create_webhook(record)
            self._audit("webhook.add", record, now, name=record.name, url=record.url, events=list(record.events))
        return record

    def change(self, webhook_id: WebhookId, **changes: Any) -> WebhookRecord:
        """Change some of a webhook's fields: those of `WebhookDraft` but the format.

        Raises:
            NotFoundError: There is none with that id.
            InvalidInputError: A new value is not allowed.
        """
        current = self._store.get_webhook(webhook_id)
        changed = replace(current, **changes, updated_at=self._clock.now())
        if changed.url != current.url or changed.name != current.name:
            self._check(changed.name, changed.url)
        changed = replace(changed, events=check_topics(changed.events, changed.format))
        names = sorted(name for name in changes if getattr(changed, name) != getattr(current, name))
        with self._stores.transactions.transaction():
            self._store.update_webhook(changed)
            self._audit("webhook.change", changed, changed.updated_at, changed=names, url=changed.url)
        return changed

    def remove(self, webhook_id: WebhookId) -> WebhookRecord:
        """Remove a webhook with its deliveries.

        Raises:
            NotFoundError: There is none with that id.
        """
        record = self._store.get_webhook(webhook_id)
        with self._stores.transactions.transaction():
            self._store.delete_webhook(webhook_id)
            self._audit("webhook.remove", record, self._clock.now(), name=record.name, url=record.url)
        return record

    def find(self, name: str) -> WebhookRecord:
        """The webhook that people mean by an id, the beginning of one, or a name.

        Raises:
            NotFoundError: There is none.
            ConflictError: There are several.
        """
        known = self._store.list_webhooks()
        found = [each for each in known if each.id == name] or [each for each in known if each.name == name]
        found = found or [each for each in known if name and each.id.startswith(name)]
        if not found:
            hint = closest(name, [each.name for each in known]) or "List them: mw webhooks list."
            raise NotFoundError(f"There is no webhook '{name}'.", hint=hint)
        if len(found) > 1:
            raise ConflictError(
                f"{len(found)} webhooks are called '{name}'.", hint=f"Name one by its id, such as {found[0].id}."
            )
        return found[0]

    def retry(self, delivery_id: DeliveryId) -> DeliveryRecord:
        """Make a dead delivery due again.

        Raises:
            NotFoundError: There is none with that id.
            StateTransitionError: It is not dead.
        """
        return self._store.retry(delivery_id, self._clock.now())

    def test(self, webhook_id: WebhookId, topic: str = "") -> TestResult:
        """Send an example now, whether the webhook is active or not; it is not kept and not tried again.

        Args:
            webhook_id: Whom to send it to.
            topic: Of which of MLflow's events, for a webhook in MLflow's form; its first when empty.

        Raises:
            NotFoundError: There is no such webhook.
            InvalidInputError: There is no such event.
        """
        webhook = self._store.get_webhook(webhook_id)
        now, delivery_id = self._clock.now(), new_id()
        if webhook.format is WebhookFormat.MLFLOW:
            chosen = topic or webhook.events[0]
            check_topics([chosen], WebhookFormat.MLFLOW)
            message = mlflow_message(webhook, chosen, MLFLOW_TOPICS[chosen], delivery_id=delivery_id, now=now)
        else:
            message = cloud_message(webhook, _example(webhook, now), delivery_id=delivery_id, now=now)
        try:
            reply = post(webhook.url, message, self._options)
        except MillwrightError as error:
            return TestResult(delivered=False, error=error.message)
        except (ForbiddenAddressError, OSError) as error:
            return TestResult(delivered=False, error=f"Cannot reach {webhook.url}: {error}")
        delivered = 200 <= reply.status < 300
        error_text = "" if delivered else refusal_text(reply)
        return TestResult(delivered=delivered, status_code=reply.status, body=reply.body, error=error_text)

    def _check(self, name: str, url: str) -> None:
        if not _NAME.fullmatch(name):
            raise InvalidInputError(
                f"Webhook name {name!r} is invalid. It must start and end with a letter or digit, be less than 64 "
                "characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).",
                hint="Use a plain word, such as deploy-bot.",
            )
        target = parse_target(url, allow_private=self._options.allow_private)
        try:
            look_up(target, allow_private=self._options.allow_private, timeout_s=_LOOK_UP_S)
        except ForbiddenAddressError as error:
            raise InvalidInputError(
                f"Webhook URL {url!r} is not allowed: {error}", hint="Name an address that everyone can reach."
            ) from error
        except OSError:
            return  # unknown at this moment; what it leads to is checked again before each attempt

    def _audit(self, action: str, webhook: WebhookRecord, now: datetime, **details: Any) -> None:
        self._stores.audit.append(
            at=now, actor=self._actor, action=action, subject=f"webhook:{webhook.id}", details=details
        )


def _example(webhook: WebhookRecord, now: datetime) -> EventRecord:
    return EventRecord(
        seq=0,
        stream=f"webhooks/{webhook.name}",
        stream_seq=0,
        id=EventId(new_id()),
        type=TEST,
        subject=webhook.name,
        at=now,
        data={"message": "This is a test.", "events": list(webhook.events)},
    )
