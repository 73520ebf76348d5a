from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from millwright.core.events import EventBus
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.governance.openlineage.listener import Listener
from millwright.governance.openlineage.options import OpenLineageOptions
from tiny.lineage_specification import check_lines

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from millwright.governance.openlineage.narrator import Narrator
    from unit.governance.openlineage.conftest import Chronicle, Receiver


def listening(chronicle: Chronicle, **options: Any) -> tuple[Listener, EventBus]:
    chosen = OpenLineageOptions(namespace="mill", **options)
    listener, bus = Listener(chosen, chronicle.narrator), EventBus()
    listener.subscribe(bus)
    return listener, bus


def test_what_is_heard_goes_to_file_and_address(chronicle: Chronicle, tmp_path: Path, receiver: Receiver) -> None:
    path = tmp_path / "events.jsonl"
    listener, bus = listening(chronicle, file=path, url=receiver.url, flush_s=20.0)
    bus.emit(chronicle.event("pipeline.started", chronicle.run.id))
    bus.emit(chronicle.event("model.promoted", "m@1"))
    bus.emit(chronicle.end(PipelineRunStatus.COMPLETED))
    listener.close()
    assert [event["eventType"] for event in check_lines(path.read_text())] == ["START", "COMPLETE"]
    assert b"\n".join(receiver.bodies) + b"\n" == path.read_bytes()


def test_closing_twice_and_hearing_again_loses_nothing(chronicle: Chronicle, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    listener, bus = listening(chronicle, file=path)
    listener.close()
    assert not path.exists()
    bus.emit(chronicle.event("pipeline.started", chronicle.run.id))
    listener.close()
    listener.close()
    bus.emit(chronicle.end(PipelineRunStatus.FAILED, "no"))
    listener.close()
    assert [event["eventType"] for event in check_lines(path.read_text())] == ["START", "FAIL"]


def test_event_that_cannot_be_told_is_logged_once_and_the_next_one_told(
    chronicle: Chronicle, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "events.jsonl"
    listener, bus = listening(chronicle, file=path)
    bus.emit(chronicle.event("step.completed", "nobody"))
    bus.emit(chronicle.event("step.completed", "nobody"))
    bus.emit(chronicle.event("pipeline.started", chronicle.run.id))
    listener.close()
    assert len(check_lines(path.read_text())) == 1
    assert caplog.text.count("step.completed could not be told (NotFoundError") == 1


def test_file_that_cannot_be_written_stops_nothing_else(
    chronicle: Chronicle, tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("x")
    listener, bus = listening(chronicle, file=tmp_path / "taken" / "x.jsonl", url=receiver.url, flush_s=20.0)
    bus.emit(chronicle.event("pipeline.started", chronicle.run.id))
    listener.close()
    assert len(receiver.bodies) == 1
    assert "an event could not be written" in caplog.text


def test_too_many_that_wait_are_counted(chronicle: Chronicle, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def narrator() -> Narrator:
        asked.set()
        assert go_on.wait(30)
        return chronicle.narrator()

    path = tmp_path / "events.jsonl"
    listener, bus = Listener(OpenLineageOptions(file=path, queue_size=1, flush_s=20.0), narrator), EventBus()
    listener.subscribe(bus)
    start = chronicle.event("pipeline.started", chronicle.run.id)
    bus.emit(start)
    assert asked.wait(30)
    bus.emit(chronicle.end(PipelineRunStatus.COMPLETED))
    bus.emit(start)
    bus.emit(start)
    go_on.set()
    listener.close()
    assert [event["eventType"] for event in check_lines(path.read_text())] == ["START", "COMPLETE"]
    assert "2 events of runs could not be told" in caplog.text
