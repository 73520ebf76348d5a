"""Webhooks as MLflow's clients make them: those in MLflow's form. Who may change them sees every model's events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from millwright.automation.delivery import WebhookDraft
from millwright.automation.delivery.mlflow_event import MLFLOW_TOPICS
from millwright.core.errors import NotFoundError
from millwright.core.ids import WebhookId
from millwright.core.records.delivery import WebhookFormat, WebhookRecord, WebhookStatus
from millwright.server.mlflow.answer import Wire, millis
from millwright.server.mlflow.failure import invalid, not_there, unfit
from millwright.server.mlflow.permission import Access, Rule, server
from millwright.server.mlflow.route import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.server.mlflow.call import Call

_MOST = 1000
_TOKEN = re.compile("[0-9a-f]{32}")
_ENTITIES = (
    "ENTITY_UNSPECIFIED",
    "REGISTERED_MODEL",
    "MODEL_VERSION",
    "MODEL_VERSION_TAG",
    "MODEL_VERSION_ALIAS",
    "PROMPT",
    "PROMPT_VERSION",
    "PROMPT_TAG",
    "PROMPT_VERSION_TAG",
    "PROMPT_ALIAS",
    "BUDGET_POLICY",
)
_ACTIONS = ("ACTION_UNSPECIFIED", "CREATED", "UPDATED", "DELETED", "SET", "EXCEEDED")
_STATUSES = ("", "ACTIVE", "DISABLED")


class EventBody(Struct):
    """What a webhook asks for: each by its name or number."""

    entity: str | int = ""
    action: str | int = ""


class CreateBody(Struct):
    """A new webhook."""

    name: str = ""
    url: str = ""
    events: list[EventBody] = []
    description: str = ""
    secret: str = ""
    status: str | int = ""


class ListBody(Struct):
    """Which page."""

    max_results: int = 100
    page_token: str = ""


class GetBody(Struct):
    """Nothing: the path says all."""


class UpdateBody(Struct):
    """What is to be changed; None leaves it."""

    name: str | None = None
    url: str | None = None
    events: list[EventBody] = []
    description: str | None = None
    secret: str | None = None
    status: str | int | None = None


class TestBody(Struct):
    """Which event's example is sent."""

    __test__ = False  # for pytest: it is no test

    event: EventBody | None = None


class EventWire(Wire):
    """An event that is asked for."""

    entity: str
    action: str


class WebhookWire(Wire, kw_only=True):
    """A webhook, without its secret."""

    webhook_id: str
    name: str
    url: str
    events: list[EventWire]
    description: str | None = None
    status: str
    creation_timestamp: int
    last_updated_timestamp: int


class ResultWire(Wire):
    """What came of a test."""

    success: bool
    response_status: int | None = None
    response_body: str | None = None
    error_message: str | None = None


def create_webhook(call: Call, body: CreateBody) -> dict[str, Any]:
    """Add a webhook."""
    draft = WebhookDraft(
        name=body.name,
        url=body.url,
        events=_topics(body.events),
        description=body.description,
        secret=body.secret,
        status=_status(body.status) if body.status else WebhookStatus.ACTIVE,
        format=WebhookFormat.MLFLOW,
    )
    return {"webhook": _shown(call.services.deliveries.webhooks_as(call.actor).add(draft))}


def list_webhooks(call: Call, body: ListBody) -> dict[str, Any]:
    """List webhooks, newest first."""
    wanted = body.max_results or 100
    if not 1 <= wanted <= _MOST:
        raise invalid(f"max_results must be between 1 and {_MOST}.")
    if body.page_token and not _TOKEN.fullmatch(body.page_token):
        raise invalid("Invalid page token, expected one that was given with a page.")
    found: list[WebhookRecord] = []
    before = WebhookId(body.page_token) if body.page_token else None
    while len(found) <= wanted:
        page = call.stores.deliveries.list_webhooks(before=before, limit=_MOST)
        found += [record for record in page if record.format is WebhookFormat.MLFLOW]
        if len(page) < _MOST:
            break
        before = page[-1].id
    answer: dict[str, Any] = {"webhooks": [_shown(record) for record in found[:wanted]]} if found else {}
    return answer | {"next_page_token": found[wanted - 1].id} if len(found) > wanted else answer


def get_webhook(call: Call, _body: GetBody) -> dict[str, Any]:
    """Look up a webhook."""
    return {"webhook": _shown(_webhook(call))}


def update_webhook(call: Call, body: UpdateBody) -> dict[str, Any]:
    """Change some of a webhook's fields."""
    record = _webhook(call)
    given = {
        "name": body.name or None,
        "url": body.url or None,
        "description": body.description,
        "secret": body.secret,
        "events": _topics(body.events) if body.events else None,
        "status": _status(body.status) if body.status is not None else None,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return {"webhook": _shown(call.services.deliveries.webhooks_as(call.actor).change(record.id, **changes))}


def delete_webhook(call: Call, _body: GetBody) -> None:
    """Remove a webhook."""
    call.services.deliveries.webhooks_as(call.actor).remove(_webhook(call).id)


def test_webhook(call: Call, body: TestBody) -> dict[str, Any]:
    """Send an example to a webhook."""
    record = _webhook(call)
    topic = _topics([body.event])[0] if body.event is not None else ""
    result = call.services.deliveries.webhooks_as(call.actor).test(record.id, topic)
    return {
        "result": ResultWire(
            success=result.delivered,
            response_status=result.status_code,
            response_body=result.body or None,
            error_message=f"Failed to test webhook: {result.error}" if result.status_code is None else None,
        )
    }


test_webhook.__test__ = False  # type: ignore[attr-defined] # for pytest: it is no test


def _webhook(call: Call) -> WebhookRecord:
    name = call.path["webhook_id"]
    try:
        record = call.stores.deliveries.get_webhook(WebhookId(name))
    except NotFoundError as error:
        raise not_there(f"Webhook with ID {name} not found.") from error
    if record.format is not WebhookFormat.MLFLOW:
        raise not_there(f"Webhook with ID {name} not found.")
    return record


def _topics(events: Sequence[EventBody]) -> tuple[str, ...]:
    if not events:
        raise invalid("Webhook events must be a non-empty list of WebhookEvent objects: [].")
    topics = []
    for event in events:
        entity = _named(event.entity, _ENTITIES, "entity").lower()
        action = _named(event.action, _ACTIONS, "action").lower()
        valid = sorted(topic.partition(".")[2] for topic in MLFLOW_TOPICS if topic.partition(".")[0] == entity)
        if action not in valid:
            raise invalid(f"Invalid action '{action}' for entity '{entity}'. Valid actions are: {valid}")
        topics.append(f"{entity}.{action}")
    return tuple(dict.fromkeys(topics))


def _status(status: str | int) -> WebhookStatus:
    return WebhookStatus(_named(status, _STATUSES, "status").lower())


def _named(value: str | int, names: Sequence[str], parameter: str) -> str:
    """An enum's member by its name or number, as protobuf's JSON allows."""
    if isinstance(value, int) and 0 <= value < len(names):
        value = names[value]
    if value not in names or not value or str(value).endswith("_UNSPECIFIED"):
        raise unfit(parameter, value, f"Expected one of {', '.join(name for name in names[1:])}.")
    return str(value)


def _shown(record: WebhookRecord) -> WebhookWire:
    return WebhookWire(
        webhook_id=record.id,
        name=record.name,
        url=record.url,
        events=[
            EventWire(entity=entity.upper(), action=action.upper())
            for entity, _, action in (topic.partition(".") for topic in record.events)
        ],
        description=record.description or None,
        status=record.status.value.upper(),
        creation_timestamp=millis(record.created_at),
        last_updated_timestamp=millis(record.updated_at),
    )


_ONE = "/mlflow/webhooks/{webhook_id}"
_ADMIN = Rule(Access.ADMIN, server)
# Not `Mode.WRITE`: names are looked up and receivers are called here, while others would wait for the transaction.
ROUTES = (
    Route(
        method="POST",
        path="/mlflow/webhooks",
        handler=create_webhook,
        rule=_ADMIN,
        body=CreateBody,
        required=("name", "url", "events"),
    ),
    Route(method="GET", path="/mlflow/webhooks", handler=list_webhooks, rule=_ADMIN, body=ListBody),
    Route(method="GET", path=_ONE, handler=get_webhook, rule=_ADMIN, body=GetBody),
    Route(method="PATCH", path=_ONE, handler=update_webhook, rule=_ADMIN, body=UpdateBody),
    Route(method="DELETE", path=_ONE, handler=delete_webhook, rule=_ADMIN, body=GetBody),
    Route(method="POST", path=f"{_ONE}/test", handler=test_webhook, rule=_ADMIN, body=TestBody),
)
