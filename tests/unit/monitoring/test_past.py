from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.digest import canonical_json
from millwright.evaluation.interval import BootstrapOptions
from millwright.monitoring import DriftSettings, LabelService, Monitor, MonitorSettings, PerformanceSettings, Window
from millwright.monitoring.bias import BiasSettings
from millwright.monitoring.judging import Judging
from millwright.monitoring.past import report_past

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    from millwright.core.records.monitor import MonitorReportRecord

HOUR = timedelta(hours=1)
SETTINGS = MonitorSettings(
    performance=PerformanceSettings(bootstrap=BootstrapOptions(draws=100)), bias=BiasSettings(groups=("phase",))
)


@pytest.fixture
def monitor(world: Any) -> Monitor:
    return Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events, actor="ada")


def answered(world: Any, frame: pl.DataFrame) -> tuple[datetime, datetime]:
    """An hour in which rows were asked, and labelled at its end; the clock is there."""
    start = world.clock.now()
    records = world.log(frame)
    world.clock.advance(HOUR)
    told = [{"prediction_id": record.id, "label": label} for record, label in zip(records, frame["late"], strict=True)]
    LabelService(stores=world.stores, clock=world.clock, actor="ada").add("delay", told)
    return start, start + HOUR


def written(world: Any, monitor: Monitor, pieces: Sequence[tuple[datetime, datetime]]) -> list[MonitorReportRecord]:
    return list(report_past("delay", pieces, monitor=monitor, stores=world.stores, judged=Judging(settings=SETTINGS)))


def test_report_of_a_past_window_is_that_of_a_check_at_its_end(world: Any, monitor: Monitor, draw_rows: Any):
    world.register(held_out=draw_rows(400, seed=2))
    piece = answered(world, draw_rows(240, seed=6, days=130.0, flip=0.4))
    live = monitor.view("delay", window=Window(start=piece[0], end=piece[1]), settings=SETTINGS).document
    then = json.loads(canonical_json(live))
    world.clock.advance(5 * HOUR)
    answered(world, draw_rows(60, seed=7))
    (report,) = written(world, monitor, [piece])
    now = monitor.read_document(report)
    told_anew = {"report_id", "created_at"}
    assert {name for name in now if now[name] != then[name]} == told_anew
    assert now.keys() == then.keys()
    assert {"drift", "performance"} <= {finding["kind"] for finding in now["findings"]}
    assert all(now[part] for part in ("quality", "performance", "estimated", "slices", "bias", "operations"))
    assert report.labelled_rows == 240


def test_past_windows_raise_nothing_and_stand_at_their_end(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    past = answered(world, draw_rows(100, seed=5, days=140.0))
    world.clock.advance(HOUR)
    answered(world, draw_rows(100, seed=6))
    checked = monitor.check("delay", window=Window(start=world.clock.now() - HOUR), settings=SETTINGS)
    heard = list(world.heard)
    (report,) = written(world, monitor, [past, (past[1], past[1] + HOUR)])  # in the second nobody asked
    assert report.created_at == past[1]
    assert world.stores.monitors.list_reports("delay") == [checked, report]
    assert any(column.drifted for column in report.drift)
    assert world.stores.monitors.list_alerts("delay") == []
    assert world.heard == heard
    entry = world.stores.audit.list(subject="endpoint:delay", limit=1)[0]
    assert (entry.action, entry.actor, entry.at) == ("monitor.backfill", "ada", world.clock.now())
    assert entry.details["report_id"] == report.id


def test_windows_with_a_full_report_are_left_out(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    piece = answered(world, draw_rows(60, seed=5))
    assert len(written(world, monitor, [piece])) == 1
    assert written(world, monitor, [piece]) == []


def test_windows_of_versions_without_a_reference_are_told(world: Any, monitor: Monitor, draw_rows: Any):
    world.register(reference=False)
    piece, told = answered(world, draw_rows(60, seed=5)), []
    empty = (piece[1], piece[1] + HOUR)
    found = report_past("delay", [piece, empty], monitor=monitor, stores=world.stores, problem=told.append)
    assert list(found) == []
    assert [text.split(",")[0] for text in told] == ["Version delay@1 has no document 'reference.parquet'"]


def test_past_windows_are_judged_as_a_monitor_declares(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    piece = answered(world, draw_rows(100, seed=5, days=140.0))
    asked = []
    judged = Judging(
        settings=replace(SETTINGS, drift=DriftSettings(columns={"days": 50.0})),
        reference=lambda version: asked.append(version.version),  # None: its own
        declared={"name": "calm", "digest": "1"},
        last=80,
    )
    [report] = report_past("delay", [piece], monitor=monitor, stores=world.stores, judged=judged)
    document = monitor.read_document(report)
    [days] = [column for column in document["drift"] if column["column"] == "days"]
    assert (days["threshold"], days["drifted"], document["rows"]) == (50.0, False, 80)
    assert document["monitor"]["name"] == "calm"
    assert asked == [1]
