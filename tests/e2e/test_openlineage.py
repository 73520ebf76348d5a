"""Runs of `mw` as a process are told as OpenLineage events, whatever becomes of the process and of the receiver."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from e2e.workplace import PATIENCE_S, Workplace
from tiny.lineage_specification import check_lines
from unit.governance.openlineage.conftest import Receiver, receiving

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = '''"""Three steps, of which one may fail or take its time."""

from __future__ import annotations

import time
from typing import Annotated

import polars as pl

import millwright as mw


@mw.step
def clean(table: pl.DataFrame) -> pl.DataFrame:
    return table.drop_nulls()


@mw.step
def judge(table: pl.DataFrame, how: str) -> int:
    if how == "fail":
        raise ValueError("no good")
    while how == "hang":
        time.sleep(0.05)
    return table.height


@mw.pipeline
def visits(source: Annotated[str, mw.External()] = "visits.csv", how: str = "well") -> None:
    judge(clean(mw.steps.ingest(source, dataset="visits")), how)
'''


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    (tmp_path / "pipeline.py").write_text(PIPELINE)
    (tmp_path / "visits.csv").write_text("load,late\n1,yes\n2,no\n")
    settings = '[openlineage]\nfile = "lineage/events.jsonl"\nnamespace = "mill"\nflush_seconds = 20\n'
    (tmp_path / "millwright.toml").write_text(settings)
    return Workplace(tmp_path)


def events(place: Workplace) -> list[dict[str, Any]]:
    return check_lines((place.folder / "lineage" / "events.jsonl").read_text())


def ends(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["job"]["name"], event["eventType"]) for event in told if event["eventType"] != "START"]


def test_runs_of_all_kinds_are_told_to_file_and_address_alike(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(Receiver()) as receiver:
        monkeypatch.setenv("OPENLINEAGE_URL", receiver.url)
        monkeypatch.setenv("OPENLINEAGE_API_KEY", "the-key")
        place.mw("run", "pipeline.py")
        first = events(place)
        place.mw("run", "pipeline.py", "--how", "fail", code=1)
        told = events(place)
    assert b"\n".join(receiver.bodies) + b"\n" == (place.folder / "lineage" / "events.jsonl").read_bytes()
    assert {headers["Authorization"] for headers in receiver.headers} == {"Bearer the-key"}
    steps = ["visits.ingest", "visits.clean", "visits.judge"]
    assert ends(first) == [*((step, "COMPLETE") for step in steps), ("visits", "COMPLETE")]
    assert Counter(event["eventType"] for event in first) == {"START": 4, "COMPLETE": 4}
    again = ends(told)[4:]
    assert again == [
        ("visits.ingest", "COMPLETE"),
        ("visits.clean", "COMPLETE"),
        ("visits.judge", "FAIL"),
        ("visits", "FAIL"),
    ]
    ingest = next(event for event in first if event["job"]["name"] == "visits.ingest" and event["outputs"])
    assert [data["name"] for data in ingest["inputs"]] == [str(place.folder / "visits.csv")]
    table = str(place.folder / ".millwright" / "datasets" / "visits")
    assert [data["name"] for data in ingest["outputs"]] == [table]
    clean = next(event for event in first if event["job"]["name"] == "visits.clean" and event["outputs"])
    assert [data["name"] for data in clean["inputs"]] == [table]
    judge = next(event for event in first if event["job"]["name"] == "visits.judge" and event["outputs"])
    assert [data["name"] for data in judge["inputs"]] == [data["name"] for data in clean["outputs"]]


def test_killed_run_leaves_whole_lines_and_is_aborted_by_the_next_process(place: Workplace) -> None:
    process = place.start("run", "pipeline.py", "--how", "hang")
    give_up = time.monotonic() + PATIENCE_S
    path = place.folder / "lineage" / "events.jsonl"
    while not path.is_file() or b'"name":"visits.judge"' not in path.read_bytes():
        assert process.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert ends(events(place)) == [("visits.ingest", "COMPLETE"), ("visits.clean", "COMPLETE")]
    place.mw("runs", "list")
    told = events(place)
    assert ends(told)[2:] == [("visits.judge", "ABORT"), ("visits", "ABORT")]
    begun = {event["run"]["runId"] for event in told if event["eventType"] == "START"}
    assert begun == {event["run"]["runId"] for event in told if event["eventType"] != "START"}


def test_receiver_that_is_away_fails_no_run(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.folder / "millwright.toml").write_text('[openlineage]\nurl = "http://127.0.0.1:9"\nflush_seconds = 0\n')
    finished = place.mw("run", "pipeline.py")
    assert "could not be sent to http://127.0.0.1:9" in finished.err
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    assert "OpenLineage" not in place.mw("run", "pipeline.py").err


def test_address_that_is_none_is_said(place: Workplace) -> None:
    (place.folder / "millwright.toml").write_text('[openlineage]\nurl = "lineage:5000"\n')
    finished = place.mw("runs", "list", code=1)
    assert "Expected openlineage.url to be an http or https address, found 'lineage:5000'." in finished.err
