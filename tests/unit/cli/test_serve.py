from __future__ import annotations

import os
import signal
import socket

import httpx
import pytest

from millwright.deployment.realtime.client import PredictionClient
from tiny import forking


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_serve_answers_until_it_is_stopped(trained):
    command = ["-u", "-m", "millwright", "serve", "late-visit@champion", "--port", "0"]
    with forking.start(command, cwd=trained) as process:
        try:
            first, second = process.stdout.readline(), process.stdout.readline()
            url = first.split()[4]
            assert first == f"✓ Serving late-visit@1 at {url}  (Ctrl-C stops)\n"
            assert second.startswith(f"  POST {url}/predict · /invocations · /v2/models/late-visit/infer")
            with PredictionClient(url) as client:
                answered = client.predict([{"load": 2.5, "crew": "a", "days": 3}])
            assert answered.outputs[0]["prediction"] == "yes"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_serve_refuses_a_port_in_use_with_one_line(trained, mw, taken):
    answer = mw(trained, "serve", "late-visit", "--port", str(taken))
    assert answer.code == 1
    assert answer.out == ""
    assert str(taken) in answer.err
    assert answer.err.count("\n") == 1


def test_serve_gives_the_refusal_as_json(trained, mw, taken):
    answer = mw(trained, "serve", "late-visit", "--port", str(taken), "--json")
    assert answer.code == 1
    assert answer.json["error"]["code"] == "unavailable"


def test_serve_takes_the_port_of_the_settings(trained, mw, taken):
    (trained / "millwright.toml").write_text(f"[serve]\nport = {taken}\n", encoding="utf-8")
    assert str(taken) in mw(trained, "serve", "late-visit").err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("late-visits",), "Did you mean 'late-visit'?"),
        (("late-visit@champon",), "Did you mean 'champion'?"),
        (("late-visit", "--host", "no.such.host.invalid", "--port", "0"), "no.such.host.invalid"),
    ],
)
def test_serve_of_what_is_not_there_is_one_line(trained_once, mw, words, message):
    answer = mw(trained_once, "serve", *words)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_serve_does_what_the_hosting_platform_says(trained, taken):
    platform = {"AIP_HTTP_PORT": str(taken), "AIP_PREDICT_ROUTE": "/p", "AIP_HEALTH_ROUTE": "/h"}
    command = ["-u", "-m", "millwright", "serve", "late-visit@champion"]
    environment = {**os.environ, **platform}
    refused = forking.run(command, cwd=trained, env=environment)
    assert (refused.returncode, f"Port {taken} on 0.0.0.0 is in use" in refused.stderr) == (1, True), refused.stderr
    command += ["--host", "127.0.0.1", "--port", "0"]
    with forking.start(command, cwd=trained, env=environment) as process:
        try:
            url = process.stdout.readline().split()[4]
            answer = httpx.post(f"{url}/p", json={"instances": [{"load": 2.5, "crew": "a", "days": 3}]})
            assert answer.json()["predictions"][0]["prediction"] == "yes"
            assert httpx.get(f"{url}/h").status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_serve_refuses_a_platforms_wrong_route_with_one_line(trained, mw, monkeypatch):
    monkeypatch.setenv("AIP_PREDICT_ROUTE", "predict")
    answer = mw(trained, "serve", "late-visit")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "AIP_PREDICT_ROUTE" in answer.err
