from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from millwright.deployment.realtime.telemetry.access_log import AccessLog
from millwright.deployment.realtime.telemetry.telemetry import Telemetry

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def lines(serving, tmp_path):
    """Ends the log and gives its lines."""
    path = tmp_path / "access.log"
    telemetry = Telemetry(None, AccessLog(str(path)))
    serving.state.observers = (telemetry,)

    def read() -> list[dict[str, Any]]:
        telemetry.close()
        return [json.loads(line) for line in path.read_text().split("\n")[:-1]]

    return read


def test_prediction_is_told_without_its_values(serving, lines, row, tmp_path):
    reply = serving.post(
        "/predict", row, headers={"x-request-id": "r1", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    )
    (line,) = lines()
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line.pop("latency_ms") > 0
    assert line == {
        "method": "POST",
        "path": "/predict",
        "route": "predict",
        "status": 200,
        "bytes_in": len(json.dumps(row)),
        "bytes_out": len(reply.body),
        "client": "",
        "request_id": "r1",
        "trace_id": TRACE,
        "endpoint": "site",
        "model": "delay",
        "version": 1,
        "arm": "primary",
        "rows": 1,
        "prediction_ids": [reply.headers["x-prediction-id"]],
    }
    text = (tmp_path / "access.log").read_text()
    assert not any(str(value) in text for value in ("Queens", "12.5", "roof first"))


def test_refusals_are_told_by_their_code(serving, lines):
    serving.get("/nowhere")
    serving.post("/predict", {"days": "secret"})
    first, second = lines()
    assert (first["status"], first["error"], first["route"]) == (404, "not_found", "none")
    assert (second["status"], second["error"], second["version"]) == (422, "invalid_input", 1)
    assert not {"model", "rows", "trace_id"} & set(first)
    assert "secret" not in json.dumps(second)


def test_request_of_many_rows_names_some_of_them(serving, lines, row):
    serving.post("/predict", [row] * 40)
    (line,) = lines()
    assert (line["rows"], len(line["prediction_ids"])) == (40, 16)


def test_path_that_breaks_lines_stays_in_one(serving, lines):
    serving.get("/a\n{}\u2028" + "x" * 1000)
    (line,) = lines()
    assert line["path"].startswith("/a\n{}")
    assert len(line["path"]) == 300


def test_standard_error_stream_is_a_place_too(serving, row, capsys):
    log = AccessLog("-")
    serving.state.observers = (Telemetry(None, log),)
    serving.post("/predict", row)
    log.close()
    assert json.loads(capsys.readouterr().err)["model"] == "delay"
