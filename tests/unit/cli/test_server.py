from __future__ import annotations

import http.client
import json
import signal
import socket

import pytest

from tiny import forking


def test_server_shows_the_records_until_it_is_stopped(trained_once):
    with forking.start(["-u", "-m", "millwright", "server", "--port", "0", "--json"], cwd=trained_once) as process:
        try:
            lines = [process.stdout.readline()]
            while lines[-1] != "}\n":
                lines.append(process.stdout.readline())
            told = json.loads("".join(lines))
            assert (told["workspace"], told["authentication"], told["workers"]) == (str(trained_once), False, 1)
            connection = http.client.HTTPConnection(told["url"].removeprefix("http://"), timeout=10)
            connection.request("GET", "/openapi.json")
            answer = connection.getresponse()
            assert answer.status == 200
            assert json.loads(answer.read())["openapi"].startswith("3.")
            connection.close()
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize("flag", [(), ("--json",)])
def test_server_refuses_an_address_that_others_reach(tmp_path, mw, flag):
    answer = mw(tmp_path, "server", "--host", "0.0.0.0", "--port", "0", *flag)  # noqa: S104 (that is the point)
    assert answer.code == 1
    if flag:
        assert answer.json["error"]["code"] == "configuration"
    else:
        assert (
            "Expected at least one user with the role admin before others can reach '0.0.0.0', found none" in answer.err
        )
        assert answer.err.count("\n") == 1


def test_server_refuses_a_port_in_use_with_one_line(tmp_path, mw):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = mw(tmp_path, "server", "--port", str(port))
    assert answer.code == 1
    assert answer.out == ""
    assert str(port) in answer.err
    assert answer.err.count("\n") == 1
