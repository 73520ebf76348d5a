"""Traces and the access log of a server process, as a collector and a reader of files get them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.server import Server
from e2e.workplace import PATIENCE_S, Workplace

if TYPE_CHECKING:
    from pathlib import Path

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.slow
def test_server_tells_of_its_requests(trained: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="needs OpenTelemetry: pip install 'millwright[otel]'")
    from tiny.otlp_receiver import Receiver

    receiver = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    workplace = Workplace(tmp_path)
    shutil.copytree(trained.folder, tmp_path, dirs_exist_ok=True)
    try:
        with Server(workplace, "schedule-delay@champion", options=("--access-log", "access.jsonl")) as server:
            page = httpx.get(f"{server.url}/openapi.json").json()
            schema = page["components"]["schemas"]["Row"]
            row = schema["example"]
            parent = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
            answer = httpx.post(f"{server.url}/predict", json=row, headers=parent)
            assert answer.status_code == 200, answer.text
            assert httpx.post(f"{server.url}/predict", json={}).status_code == 422
            explained = httpx.post(f"{server.url}/predict?explain=true", json=row, timeout=PATIENCE_S).json()
            assert set(explained["explanation"]["contributions"]) == set(
                page["components"]["schemas"]["Row"]["properties"]
            )
            assert [httpx.get(f"{server.url}{path}").text for path in ("/livez", "/readyz", "/startupz")] == ["ok"] * 3
    finally:
        receiver.close()
    lines = [json.loads(line) for line in (tmp_path / "access.jsonl").read_text().splitlines()]
    assert [line["status"] for line in lines] == [200, 200, 422, 200, 200, 200, 200]
    assert (lines[1]["trace_id"], lines[1]["prediction_ids"]) == (TRACE, [answer.headers["x-prediction-id"]])
    spans = {span.trace_id.hex(): span for _, span in receiver.spans}
    assert set(spans) == {line["trace_id"] for line in lines}
    assert spans[TRACE].parent_span_id.hex() == SPAN
