from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from millwright.automation.delivery import WebhookDraft

CREATED = {"entity": "MODEL_VERSION", "action": "CREATED"}
HOOK = {"name": "hook", "url": "https://receiver.invalid/x", "events": [CREATED]}


def test_webhook_is_made_read_changed_and_deleted(wire):
    made = wire.post("webhooks", {**HOOK, "secret": "s3cret", "description": "d", "status": "DISABLED"})["webhook"]
    assert "secret" not in made
    assert made["events"] == [CREATED]
    assert (made["status"], made["description"]) == ("DISABLED", "d")
    path = f"webhooks/{made['webhook_id']}"
    assert wire.get(path) == {"webhook": made}
    changed = wire.patch(path, {"name": "new", "status": 1, "events": [{"entity": 5, "action": "CREATED"}]})["webhook"]
    assert (changed["name"], changed["status"]) == ("new", "ACTIVE")
    assert changed["url"] == made["url"]
    assert changed["events"] == [{"entity": "PROMPT", "action": "CREATED"}]
    assert wire.delete(path) == {}
    assert wire.fails("GET", path)[1:] == (
        "RESOURCE_DOES_NOT_EXIST",
        f"Webhook with ID {made['webhook_id']} not found.",
    )
    assert wire.get("webhooks") == {}


def test_webhooks_are_listed_in_pages_newest_first_without_those_in_our_own_form(wire):
    made = [wire.post("webhooks", {**HOOK, "name": f"hook{number}"})["webhook"] for number in range(3)]
    own = wire.workspace.deliveries.webhooks_as("ada").add(
        WebhookDraft(name="own", url="https://receiver.invalid", events=("*",))
    )
    ids = sorted((hook["webhook_id"] for hook in made), reverse=True)
    page = wire.get("webhooks", max_results=2)
    rest = wire.get("webhooks", max_results=2, page_token=page["next_page_token"])
    assert [hook["webhook_id"] for hook in page["webhooks"] + rest["webhooks"]] == ids
    assert "next_page_token" not in rest
    assert wire.fails("GET", f"webhooks/{own.id}")[0] == 404
    assert wire.fails("DELETE", "webhooks/nonexistent") == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "Webhook with ID nonexistent not found.",
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "Missing value for required parameter 'name'"),
        ({"url": None}, "Missing value for required parameter 'url'"),
        ({"events": []}, "Webhook events must be a non-empty list"),
        ({"name": "a b"}, "Webhook name 'a b' is invalid"),
        ({"url": "   "}, "Webhook URL cannot be empty or just whitespace"),
        ({"url": "ftp://example.com"}, "Invalid webhook URL scheme: 'ftp'"),
        ({"url": "http://[invalid"}, "Invalid webhook URL 'http://[invalid'"),
        ({"url": "https://localhost/x"}, "is not allowed"),
        ({"url": "https://169.254.169.254/latest"}, "link-local"),
        ({"events": [{"entity": "PROMPT", "action": "SET"}]}, "Invalid action 'set' for entity 'prompt'"),
        ({"events": [{"entity": "FOO", "action": "SET"}]}, "parameter 'entity'"),
        ({"events": [{"entity": "PROMPT"}]}, "parameter 'action'"),
        ({"status": "GONE"}, "parameter 'status'"),
    ],
)
def test_webhook_that_is_not_allowed_is_refused(wire, change, message):
    status, code, told = wire.fails("POST", "webhooks", {**HOOK, **change})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in told


@pytest.mark.parametrize(
    ("query", "message"),
    [({"max_results": 1001}, "between 1 and 1000"), ({"page_token": "../x"}, "Invalid page token")],
)
def test_listing_that_is_not_allowed_is_refused(wire, query, message):
    status, _, told = wire.fails("GET", "webhooks", params=query)
    assert status == 400
    assert message in told


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILLWRIGHT_WEBHOOKS__ALLOW_PRIVATE", "true")


@pytest.mark.usefixtures("private")
class TestOfWebhooks:
    def test_answers_what_came_back(self, wire):
        seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                seen.append((json.loads(self.rfile.read(int(self.headers["content-length"]))), self.headers))
                self.send_response(418)
                self.end_headers()
                self.wfile.write(b"teapot")

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            body = {**HOOK, "url": f"http://127.0.0.1:{server.server_port}/", "secret": "x"}
            hook = wire.post("webhooks", body)["webhook"]["webhook_id"]
            event = {"event": {"entity": "PROMPT", "action": "CREATED"}}
            result = wire.post(f"webhooks/{hook}/test", event)["result"]
        assert result == {"success": False, "response_status": 418, "response_body": "teapot"}
        payload, headers = seen[0]
        assert (payload["entity"], payload["action"]) == ("prompt", "created")
        assert payload["data"]["name"] == "example_prompt"
        assert headers["X-MLflow-Signature"].startswith("v1,")

    def test_says_why_nothing_came_back(self, wire):
        hook = wire.post("webhooks", HOOK)["webhook"]["webhook_id"]
        result = wire.post(f"webhooks/{hook}/test")["result"]
        assert result["success"] is False
        assert result["error_message"].startswith("Failed to test webhook: Cannot reach")
