from __future__ import annotations

import json
from dataclasses import replace

import pytest

from millwright.automation.delivery import Webhooks
from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.ids import WebhookId
from millwright.core.records.delivery import WebhookFormat, WebhookStatus


def test_added_webhook_is_kept_with_its_owner_and_an_audit_entry_without_the_secret(webhooks, draft, stores, clock):
    record = webhooks.add(draft)
    assert stores.deliveries.get_webhook(record.id) == record
    assert (record.owner, record.created_at, record.secret) == ("user:ada", clock.now(), "s3cret")
    (entry,) = stores.audit.list(subject=f"webhook:{record.id}")
    assert entry.action == "webhook.add"
    assert "s3cret" not in str(entry)


@pytest.mark.parametrize("name", ["", "-x", "x-", "a b", "a/b", "ä", "x" * 64])
def test_name_that_is_not_plain_is_refused(webhooks, draft, name):
    with pytest.raises(InvalidInputError, match="is invalid"):
        webhooks.add(replace(draft, name=name))


def test_private_address_is_refused_when_it_is_added_and_when_it_is_changed(stores, clock, draft):
    strict = Webhooks(stores=stores, clock=clock, actor="user:ada")
    with pytest.raises(InvalidInputError, match=r"leads to (127\.0\.0\.1|::1), which is private"):
        strict.add(replace(draft, url="https://localhost/x"))
    record = strict.add(replace(draft, url="https://nobody.invalid/x"))
    with pytest.raises(InvalidInputError, match="link-local"):
        strict.change(record.id, url="https://169.254.169.254/latest")


def test_webhook_is_changed_in_the_fields_that_are_named(webhooks, draft, stores):
    record = webhooks.add(draft)
    changed = webhooks.change(record.id, status=WebhookStatus.DISABLED, events=("model.promoted",))
    assert stores.deliveries.get_webhook(record.id) == changed
    assert (changed.url, changed.status, changed.events) == (draft.url, WebhookStatus.DISABLED, ("model.promoted",))
    assert stores.audit.list()[0].details["changed"] == ["events", "status"]
    with pytest.raises(InvalidInputError, match="no event"):
        webhooks.change(record.id, events=("nonsense",))
    with pytest.raises(NotFoundError):
        webhooks.change(WebhookId("x"), name="y")


def test_removed_webhook_is_gone(webhooks, draft, stores):
    record = webhooks.add(draft)
    assert webhooks.remove(record.id) == record
    assert stores.deliveries.list_webhooks() == []


def test_webhook_is_found_by_id_beginning_and_name(webhooks, draft):
    first, second = webhooks.add(draft), webhooks.add(replace(draft, name="other"))
    assert webhooks.find(first.id) == first
    assert webhooks.find("other") == second
    assert webhooks.find(second.id[:30]) in {first, second}
    with pytest.raises(NotFoundError, match="no webhook 'hok'"):
        webhooks.find("hok")
    webhooks.add(draft)
    with pytest.raises(ConflictError, match="2 webhooks are called 'hook'"):
        webhooks.find("hook")


def test_tested_webhook_gets_an_example_at_once(webhooks, draft, receiver, stores):
    ours = webhooks.add(draft)
    theirs = webhooks.add(replace(draft, format=WebhookFormat.MLFLOW, events=("prompt.created",)))
    result = webhooks.test(ours.id)
    assert (result.delivered, result.status_code, result.body, result.error) == (True, 200, "ok", "")
    assert webhooks.test(theirs.id).delivered
    assert webhooks.test(theirs.id, "model_version_tag.set").delivered
    first, second, third = (json.loads(request["body"]) for request in receiver.requests)
    assert first["type"] == "millwright.webhook.test"
    assert second["data"]["name"] == "example_prompt"
    assert third["data"]["value"] == "example_value"
    assert stores.deliveries.list_events() == []


def test_test_that_fails_says_why(webhooks, draft, receiver):
    record = webhooks.add(draft)
    receiver.answers["/hook"] = (401, b"who are you?", {})
    result = webhooks.test(record.id)
    assert (result.delivered, result.status_code, result.body) == (False, 401, "who are you?")
    assert result.error == "The receiver answered 401: who are you?"
    webhooks.change(record.id, url="http://127.0.0.1:1/")
    assert "Cannot reach http://127.0.0.1:1/" in webhooks.test(record.id).error
