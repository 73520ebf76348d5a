from __future__ import annotations

import json

import pytest

from millwright.core.errors import ConfigurationError
from millwright.deployment.realtime.route import Router
from millwright.deployment.realtime.telemetry.telemetry import open_telemetry


def test_nobody_observes_unless_it_is_asked_for():
    assert open_telemetry("", {}, Router(())) == ()


def test_access_log_alone(tmp_path):
    (telemetry,) = open_telemetry(str(tmp_path / "a.log"), {}, Router(()))
    assert [part.name for part in telemetry.parts] == ["access_log"]
    telemetry.close()


def test_log_that_cannot_be_written_stops_the_start():
    with pytest.raises(ConfigurationError, match="access log that can be written"):
        open_telemetry("/nowhere/at/all.log", {}, Router(()))


def test_both_know_the_same_trace(serving, receiver, row, tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    path = tmp_path / "a.log"
    (telemetry,) = open_telemetry(str(path), {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}, Router(()))
    serving.state.observers = (telemetry,)
    serving.post("/predict", row)
    telemetry.close()
    ((_, span),) = receiver.spans
    assert json.loads(path.read_text())["trace_id"] == span.trace_id.hex()
