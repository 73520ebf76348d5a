from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "millwright.toml").write_text("", encoding="utf-8")
    return tmp_path


def test_silence_is_listed_until_it_is_ended(folder: Path, mw: Any):
    words = (
        "--endpoint",
        "delay",
        "--kind",
        "drift",
        "--severity",
        "warning",
        "--for",
        "2h",
        "--reason",
        "move",
        "--ahead",
    )
    made = mw(folder, "alerts", "silence", *words, "--reason", "move", "--json").json
    length = datetime.fromisoformat(made["ends_at"]) - datetime.fromisoformat(made["starts_at"])
    assert length == timedelta(hours=2)
    assert "drift alerts of delay up to warning" in mw(folder, "alerts", "silences").out
    assert "has ended" in mw(folder, "alerts", "unsilence", made["id"][-8:]).out
    assert mw(folder, "alerts", "silences").out == "Nothing is silenced.\n"
    (ended,) = mw(folder, "alerts", "silences", "--all", "--json").json
    assert ended["ended_by"]


def test_silence_names_a_declared_monitor(folder: Path, mw: Any):
    (folder / "millwright.toml").write_text('[monitors.hourly]\nendpoint = "delay"\n', encoding="utf-8")
    words = ("--for", "2h", "--reason", "x", "--kind", "drift")
    assert mw(folder, "alerts", "silence", *words, "--monitor", "hourly", "--json").json["monitor"] == "hourly"
    told = mw(folder, "alerts", "silence", *words, "--monitor", "hourly", "--severity", "warning").out
    assert "drift alerts of all endpoints, monitor hourly, up to warning until" in told
    assert "drift alerts of all endpoints, monitor hourly " in mw(folder, "alerts", "silences").out
    refused = mw(folder, "alerts", "silence", *words, "--monitor", "huorly")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "There is no monitor 'huorly'" in refused.err


def test_silence_may_end_at_a_moment(folder: Path, mw: Any):
    made = mw(folder, "alerts", "silence", "--until", "2999-01-01T08:00:00+00:00", "--reason", "x", "--json").json
    assert made["ends_at"].startswith("2999-01-01T08:00:00")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "either --for or --until"),
        (("--for", "2h", "--until", "2999-01-01"), "either --for or --until"),
        (("--for", "long"), "expected a duration"),
        (("--until", "2020-01-01"), "--until: expected a time to come, found '2020-01-01'."),
        (("--until", "soon"), "--until: expected a date or time, found 'soon'."),
        (("--for", "1h", "--kind", "drif"), "no kind of alert 'drif'"),
        (("--for", "1h", "--endpoint", "dealy"), "There is no endpoint 'dealy'. There is none yet. One that is still"),
    ],
)
def test_silence_that_makes_no_sense_is_refused_in_one_line(folder: Path, mw: Any, words: Any, message: str):
    answer = mw(folder, "alerts", "silence", "--reason", "x", *words)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert message in answer.err
