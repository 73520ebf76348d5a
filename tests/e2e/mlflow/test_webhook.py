"""MLflow's own client makes webhooks on a real server, and a real receiver gets signed deliveries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.workplace import Workplace

mlflow = pytest.importorskip("mlflow", reason="needs mlflow")

SECRET = "s3cret"


@contextmanager
def server(workplace: Workplace) -> Iterator[str]:
    process = workplace.start("server", "--port", "0", "--json")
    assert process.stdout is not None
    text = ""
    while not text.endswith("}\n"):
        text += process.stdout.readline()
    try:
        yield json.loads(text)["url"]
    finally:
        process.terminate()
        process.communicate(timeout=60)


@contextmanager
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, Any], bool]]]]:
    received: list[tuple[dict[str, Any], bool]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            signed = f"{self.headers['X-MLflow-Delivery-Id']}.{self.headers['X-MLflow-Timestamp']}.".encode() + body
            expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
            received.append((json.loads(body), self.headers["X-MLflow-Signature"] == f"v1,{expected}"))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/hook", received
        listening.shutdown()
        thread.join()


@pytest.mark.slow
def test_client_makes_webhooks_and_the_receiver_hears_of_models(workplace: Workplace) -> None:
    from mlflow.entities.webhook import WebhookEvent, WebhookStatus

    (workplace.folder / "millwright.toml").write_text("[webhooks]\nallow_private = true\n")
    topics = ["registered_model.created", "model_version.created", "model_version_tag.set"]
    topics += ["model_version_alias.created", "model_version_alias.deleted", "model_version_tag.deleted"]
    with server(workplace) as uri, receiver() as (url, received):
        client = mlflow.MlflowClient(uri)
        hook = client.create_webhook("hook", url, [WebhookEvent.from_str(topic) for topic in topics], secret=SECRET)
        assert client.get_webhook(hook.webhook_id).events == hook.events
        assert client.test_webhook(hook.webhook_id).success
        client.create_registered_model("delay", tags={"a": "b"}, description="d")
        client.create_model_version("delay", "s3://bucket/model", tags={"c": "d"})
        client.set_model_version_tag("delay", "1", "key", "value")
        client.set_registered_model_alias("delay", "champion", "1")
        client.delete_registered_model_alias("delay", "champion")
        client.delete_model_version_tag("delay", "1", "key")
        end = time.monotonic() + 10
        while len(received) < 7 and time.monotonic() < end:
            time.sleep(0.02)
        assert [f"{body['entity']}.{body['action']}" for body, _ in received] == [topics[0], *topics]
        assert all(signed for _, signed in received)
        assert received[1][0]["data"] == {"name": "delay", "tags": {"a": "b"}, "description": "d"}
        assert client.update_webhook(hook.webhook_id, status=WebhookStatus.DISABLED).status == WebhookStatus.DISABLED
        client.delete_webhook(hook.webhook_id)
        assert list(client.list_webhooks()) == []
