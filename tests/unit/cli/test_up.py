from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from millwright.cli.console import Output
from millwright.cli.up import _Lines
from millwright.core.listener import open_listener
from millwright.workspace.up.part import PartState, PartStatus

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def status(name: str, state: PartState, **fields) -> PartStatus:
    return PartStatus(name=name, state=state, since=NOON, **fields)


@pytest.mark.parametrize(("option", "whose"), [("--port", "the pages"), ("--serve-port", "the endpoints")])
def test_port_in_use_is_refused_before_anything_is_started(mw, tmp_path, option, whose) -> None:
    taken = open_listener("127.0.0.1", 0)
    port = taken.getsockname()[1]
    other = {"--port": "--serve-port", "--serve-port": "--port"}[option]
    result = mw(tmp_path, "up", option, str(port), other, "0")
    taken.close()
    assert result.code == 1
    said = " ".join(result.err.split())
    assert f"Port {port} on 127.0.0.1 is in use." in said
    assert f"give {whose} another one with {option}; 0 takes a free one" in said


def test_monitor_whose_pipeline_is_not_there_is_refused_before_anything_is_started(mw, tmp_path) -> None:
    text = '[monitors.late]\nendpoint = "late"\naction = {pipeline = "gone.py"}\n'
    (tmp_path / "millwright.toml").write_text(text, encoding="utf-8")
    result = mw(tmp_path, "up", "--port", "0", "--serve-port", "0")
    assert (result.code, result.out) == (1, "")
    assert "could train nothing: there is no file 'gone.py'" in result.err


def test_each_change_is_a_line(capsys) -> None:
    lines = _Lines(Output(), ["server", "worker"])
    lines.changed(status("server", PartState.STARTING))
    lines.changed(status("server", PartState.READY, url="http://x:1", starts=1))
    lines.said("worker", "a run")
    lines.changed(status("server", PartState.RESTING, said="ended by signal 9"))
    lines.changed(status("server", PartState.READY, url="http://x:1", starts=2))
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert shown == [
        "✓ server ready http://x:1",
        "worker a run",
        "✗ server resting ended by signal 9",
        "✓ server ready again (start 2) http://x:1",
    ]


def test_one_document_is_printed_once_all_are_ready(capsys) -> None:
    lines = _Lines(Output(as_json=True), ["serve", "worker"])
    lines.changed(status("worker", PartState.READY, pid=7))
    assert capsys.readouterr().out == ""
    lines.changed(status("serve", PartState.IDLE))
    lines.changed(status("serve", PartState.READY, url="http://x:1", pid=8))
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert parts["worker"] == {"state": "ready", "url": "", "pid": 7}
    assert parts["serve"]["state"] == "idle"
