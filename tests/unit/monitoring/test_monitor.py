from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest

from millwright.core.errors import NotFoundError
from millwright.core.records.prediction import EndpointRecord, LabelRecord
from millwright.evaluation.interval import BootstrapOptions
from millwright.monitoring import Monitor, MonitorSettings, PerformanceSettings, Window, unresolved_alerts
from millwright.monitoring.anomaly import AnomalySettings
from millwright.monitoring.attribution import AttributionSettings
from millwright.monitoring.column_table import ColumnTable
from millwright.monitoring.concept import ConceptSettings
from millwright.monitoring.insight import InsightSettings
from millwright.monitoring.joint import JointSettings
from millwright.monitoring.operations import OperationsSettings, ServedCounts
from millwright.monitoring.quality import QualitySettings
from millwright.monitoring.quality.freshness import Freshness
from millwright.monitoring.window import read_window
from millwright.testing import sample

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SETTINGS = MonitorSettings(performance=PerformanceSettings(bootstrap=BootstrapOptions(draws=200)))
LEAN = MonitorSettings(
    estimate=False,
    joint=JointSettings(enabled=False),
    insight=InsightSettings(
        anomalies=AnomalySettings(enabled=False), attribution=AttributionSettings(enabled=False)
    ),
    performance=PerformanceSettings(bootstrap=BootstrapOptions(draws=20)),
)  # fmt: skip


@pytest.fixture
def monitor(world: Any) -> Monitor:
    return Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)


def label(world: Any, records: Any, frame: Any) -> None:
    now = world.clock.now()
    labels = [
        LabelRecord(prediction_id=record.id, value=late, observed_at=now, recorded_at=now)
        for record, late in zip(records, frame["late"], strict=True)
    ]
    world.stores.predictions.append_labels("delay", labels)


def test_check_writes_a_report_and_no_alert_when_nothing_drifted(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    world.log(draw_rows(300, seed=3))
    report = monitor.check("delay", settings=SETTINGS)
    assert world.stores.monitors.get_report(report.id) == report
    assert (report.model, report.version, report.rows, report.labelled_rows) == ("delay", 1, 300, 0)
    assert not any(record.drifted for record in report.drift)
    assert unresolved_alerts(world.stores.monitors, "delay") == []
    assert world.heard == ["monitor.checked"]
    assert world.stores.audit.list(subject="endpoint:delay")[0].action == "monitor.check"


def test_check_raises_one_alert_when_the_second_period_drifts(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    world.log(draw_rows(300, seed=3))
    monitor.check("delay", settings=SETTINGS)
    world.clock.advance(timedelta(days=30))
    world.log(draw_rows(300, seed=4, days=140))
    window = Window(start=world.clock.now())
    report = monitor.check("delay", window=window, settings=SETTINGS)
    monitor.check("delay", window=window, settings=SETTINGS)
    alerts = world.stores.monitors.list_alerts("delay")
    assert [alert.kind for alert in alerts] == ["drift"]
    assert alerts[0].report_id == report.id
    assert set(alerts[0].evidence["columns"]) == {"days", "prediction", "probability"}
    assert world.heard == ["monitor.checked", "monitor.checked", "alert.raised", "monitor.checked"]


def test_monitors_with_other_windows_leave_each_others_alerts_alone(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    world.log(draw_rows(4_000, seed=6))
    world.clock.advance(timedelta(minutes=1))
    world.log(draw_rows(300, seed=3))

    def check_both() -> list[tuple[str, str, int]]:
        now = world.clock.now()
        world.clock.advance(timedelta(minutes=1))
        monitor.check("delay", window=Window(last=300), settings=LEAN, declared={"name": "newest"})
        monitor.check("delay", window=Window(start=now - DAY), settings=LEAN, declared={"name": "daily"})
        alerts = world.stores.monitors.list_alerts("delay")
        return [(alert.monitor, alert.state.value, alert.count) for alert in alerts]

    assert check_both() == []
    world.log(draw_rows(300, seed=4, days=140))
    assert [check_both() for _ in range(3)] == [[("newest", "open", count)] for count in (1, 2, 3)]
    world.log(draw_rows(300, seed=5))
    assert [check_both() for _ in range(2)] == [[("newest", "open", 3)]] * 2
    assert check_both() == [("newest", "resolved", 3)]
    newest = world.stores.monitors.list_reports("delay", monitor="newest")
    assert [report.rows for report in newest] == [300] * 7


def test_alerts_about_a_version_are_over_once_another_answers(world: Any, monitor: Monitor, draw_rows: Any):
    for _ in range(2):
        world.register()
    endpoint = EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW, serving_version=1)
    world.stores.endpoints.put(endpoint)
    world.log(draw_rows(300, seed=4, days=140).with_columns(phase=pl.lit("Handover")))
    monitor.check("delay", settings=SETTINGS)
    assert {alert.kind for alert in unresolved_alerts(world.stores.monitors, "delay")} == {"drift", "new_categories"}
    world.stores.endpoints.put(replace(endpoint, serving_version=2))
    report = monitor.check("delay", settings=SETTINGS)
    assert (report.version, report.rows) == (2, 0)
    assert unresolved_alerts(world.stores.monitors, "delay") == []


def test_metric_is_seen_beside_earlier_checks_of_the_same_monitor(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    frame = draw_rows(400, seed=3)
    label(world, world.log(frame), frame)
    for hours in range(1, 20):
        end, score = world.clock.now() - timedelta(hours=hours), 0.8 + hours % 3 / 100
        earlier = replace(sample.report(), window_end=end, performance={"roc_auc": score}, monitor="hourly")
        world.stores.monitors.append_report(earlier)
    beside = {
        name: monitor.view("delay", settings=SETTINGS, declared={"name": name}).document["past"]
        for name in ("hourly", "daily")
    }
    assert beside["hourly"]["checks"] == 19
    assert beside["daily"] is None


def test_check_raises_a_performance_alert_when_labels_say_so(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    frame = draw_rows(400, seed=3, flip=0.4)
    label(world, world.log(frame), frame)
    report = monitor.check("delay", settings=SETTINGS)
    assert report.labelled_rows == 400
    assert report.performance["roc_auc"] < report.reference_performance["roc_auc"] - 0.05
    assert [alert.kind for alert in unresolved_alerts(world.stores.monitors, "delay")] == ["performance"]


def test_check_keeps_the_full_document_with_the_report(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    world.log(draw_rows(30, seed=3))
    report = monitor.check("delay", settings=SETTINGS)
    document = monitor.read_document(report)
    assert document["report_id"] == report.id
    assert document["window"]["start"] == report.window_start.isoformat()
    assert document["notes"] == ["Too few to decide about drift: 30 of the 50 rows that it takes."]


def test_check_compares_with_the_version_that_answered(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    world.register()
    world.log(draw_rows(60, seed=3), version=1)
    world.clock.advance(timedelta(minutes=1))
    world.log(draw_rows(70, seed=4), version=2)
    report = monitor.check("delay", settings=SETTINGS)
    assert (report.version, report.rows) == (2, 70)
    assert "Left out: 60 rows answered by delay@1." in monitor.read_document(report)["notes"]


def test_check_writes_an_empty_report_when_the_endpoint_was_not_asked(world: Any, monitor: Monitor):
    world.register()
    world.serve()
    report = monitor.check("delay")
    assert (report.rows, report.drift, report.version) == (0, (), 1)


def test_check_names_the_closest_endpoint_when_there_is_none(world: Any, monitor: Monitor):
    world.serve()
    with pytest.raises(NotFoundError, match=r"no endpoint 'dellay'.*Did you mean 'delay'"):
        monitor.check("dellay")


def test_check_says_what_to_do_when_the_version_has_no_reference(world: Any, monitor: Monitor, draw_rows: Any):
    world.register(reference=False)
    world.log(draw_rows(5))
    with pytest.raises(NotFoundError, match=r"delay@1 has no document 'reference\.parquet'"):
        monitor.check("delay")


def test_check_changes_nothing_when_it_fails_half_way(
    world: Any, monitor: Monitor, draw_rows: Any, monkeypatch: pytest.MonkeyPatch
):
    world.register()
    world.log(draw_rows(300, seed=4, days=140))

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(world.stores.monitors), "append_alert", fail)
    with pytest.raises(RuntimeError):
        monitor.check("delay", settings=SETTINGS)
    assert world.stores.monitors.list_reports() == []
    assert world.stores.audit.list() == []
    assert world.heard == []


def test_check_estimates_what_labels_show_later(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    frame = draw_rows(3_000, seed=3, days=110)
    records = world.log(frame)
    expected = monitor.read_document(monitor.check("delay", settings=SETTINGS))["estimated"]
    label(world, records, frame)
    realised = monitor.check("delay", settings=SETTINGS).performance
    assert expected["method"] == "CBPE"
    for name in ("roc_auc", "accuracy", "f1"):
        assert expected["metrics"][name] == pytest.approx(realised[name], abs=0.03)


def test_check_says_why_performance_is_not_estimated(world: Any, monitor: Monitor, draw_rows: Any):
    world.register(held_out=draw_rows(0))
    world.log(draw_rows(300, seed=3))
    document = monitor.read_document(monitor.check("delay", settings=SETTINGS))
    assert document["estimated"] is None
    assert any("not estimated" in note for note in document["notes"])


def test_check_does_not_estimate_when_it_is_told_not_to(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    world.log(draw_rows(300, seed=3))
    document = monitor.read_document(monitor.check("delay", settings=replace(SETTINGS, estimate=False)))
    assert document["estimated"] is None
    assert document["notes"] == []


def test_check_asks_the_running_server_for_its_errors(world: Any, draw_rows: Any):
    first = {"requests": 1000, "errors": 500, "refused": 0, "shed": 0}
    counts = iter([first, first | {"requests": 1400, "errors": 540}])
    asked = []

    def ask(url: str) -> ServedCounts:
        asked.append(url)
        found = next(counts)
        return ServedCounts(**found, totals=found)

    monitor = Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events, counters=ask)
    world.register()
    record = EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW, url="http://127.0.0.1:1")
    world.stores.endpoints.put(record)
    world.log(draw_rows(30, seed=3))
    settings = replace(SETTINGS, operations=OperationsSettings(error_share=0.2))
    monitor.check("delay", settings=settings)
    assert [alert.kind for alert in unresolved_alerts(world.stores.monitors, "delay")] == ["operations"]
    document = monitor.read_document(monitor.check("delay", settings=settings))
    assert document["operations"]["error_share"] == pytest.approx(0.1)  # of the 400 since
    assert asked == ["http://127.0.0.1:1"] * 2


def test_check_begins_anew_when_another_version_answers(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    world.register()
    world.log(draw_rows(300, seed=4, days=140))
    served = EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW, serving_version=1)
    world.stores.endpoints.put(served)
    monitor.check("delay", settings=SETTINGS)
    assert [alert.kind for alert in unresolved_alerts(world.stores.monitors, "delay")] == ["drift"]
    world.stores.endpoints.put(replace(served, serving_version=2))  # a retraining has dealt with it
    view = monitor.view("delay", settings=SETTINGS)
    assert (view.report.version, view.report.rows, view.findings) == (2, 0, ())
    assert view.document["notes"] == [
        "Left out: 300 rows answered by delay@1.",
        "delay@2 answers now, and was not asked in this window: it is judged once it was.",
    ]
    assert "drift" not in view.judged  # nor is that a clean check
    past = monitor.view("delay", settings=SETTINGS, window=Window(end=world.clock.now() + timedelta(hours=1)))
    assert (past.report.version, past.report.rows) == (1, 300)
    assert monitor.view("delay", settings=SETTINGS, window=Window(version=1)).report.rows == 300
    world.log(draw_rows(60, seed=3), version=2)
    assert monitor.view("delay", settings=SETTINGS).report.rows == 60
    world.log(draw_rows(60, seed=3), version=1)  # a straggler, or the other arm of a rollout
    assert monitor.view("delay", settings=SETTINGS).report.version == 2


def test_check_that_another_version_overtakes_raises_nothing(world: Any, draw_rows: Any):
    world.register()
    world.register()
    world.log(draw_rows(300, seed=4, days=140))
    served = EndpointRecord(
        name="delay", model="delay", selector="1", updated_at=NOW, serving_version=1, url="http://127.0.0.1:1"
    )
    world.stores.endpoints.put(served)

    def promote(_: str) -> None:  # while the check is under way
        world.stores.endpoints.put(replace(served, serving_version=2))

    parts = {"stores": world.stores, "registry": world, "clock": world.clock, "events": world.events}
    report = Monitor(**parts, counters=promote).check("delay", settings=SETTINGS)
    assert (report.version, report.rows) == (1, 300)
    assert [drift.column for drift in report.drift if drift.drifted]
    assert unresolved_alerts(world.stores.monitors, "delay") == []
    world.stores.endpoints.put(served)
    Monitor(**parts, counters=promote).check("delay", settings=SETTINGS, window=Window(version=1))  # as it was asked
    assert [alert.kind for alert in unresolved_alerts(world.stores.monitors, "delay")] == ["drift"]


def test_rows_that_stopped_coming_are_told_when_the_window_is_empty_at_last(
    world: Any, monitor: Monitor, draw_rows: Any
):
    world.register()
    world.stores.endpoints.put(EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW))
    settings = replace(SETTINGS, quality=QualitySettings(freshness=Freshness(max_row_age=timedelta(hours=6))))
    assert monitor.view("delay", settings=settings).findings == ()  # nobody has ever asked
    world.log(draw_rows(60, seed=3))
    for hours, found in ((2, []), (5, ["freshness"]), (24 * 5, ["freshness"])):
        world.clock.advance(timedelta(hours=hours))
        view = monitor.view("delay", settings=settings, window=Window(start=world.clock.now() - timedelta(hours=1)))
        assert (view.report.rows, [each.kind for each in view.findings]) == (0, found)
        assert all(each.message.startswith("No row has come, the newest row is ") for each in view.findings)
    past = Window(start=world.clock.now() - timedelta(hours=2), end=world.clock.now() - timedelta(hours=1))
    assert monitor.view("delay", settings=settings, window=past).findings == ()


def drifts(document: Any) -> list[tuple[str, str]]:
    concept = document["concept"] or {"drifts": []}
    return [(each["changed_id"], each["detected_id"]) for each in concept["drifts"]]


def test_checks_of_small_windows_go_on_where_the_ones_before_have_come_to(world: Any, draw_rows: Any):
    world.register()
    found: list[tuple[str, str]] = []
    declared = {"name": "m", "digest": "d"}
    for number in range(8):
        frame = draw_rows(45, seed=20 + number, flip=0.0 if number < 3 else 1.0)
        begin = world.clock.now()
        label(world, world.log(frame), frame)
        world.clock.advance(timedelta(hours=1))
        # Another process each time.
        monitor = Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)
        report = monitor.check("delay", window=Window(start=begin), settings=LEAN, declared=declared)
        found += drifts(monitor.read_document(report))
        assert (monitor.read_document(report)["concept"] is None) is (number == 0)  # 45 labels are few
        if number == 3:  # neither is a part of the stream
            closed = Window(start=begin, end=world.clock.now())
            monitor.check("delay", window=closed, settings=LEAN, declared=declared)
            assert monitor.view("delay", window=Window(start=begin), settings=LEAN).document["concept"] is None
    whole = monitor.view("delay", settings=LEAN).document
    assert len(found) >= 1
    assert found == drifts(whole)
    assert "concept_drift" in {alert.kind for alert in world.stores.monitors.list_alerts("delay")}


def test_check_of_another_monitor_or_detector_begins_anew(world: Any, monitor: Monitor, draw_rows: Any):
    world.register()
    frame = draw_rows(60, seed=3)
    label(world, world.log(frame), frame)
    hinkley = replace(LEAN, insight=replace(LEAN.insight, concept=ConceptSettings(detector="page_hinkley")))
    for settings, declared in ((LEAN, None), (LEAN, None), (LEAN, {"name": "m", "digest": "d"}), (hinkley, None)):
        monitor.check("delay", settings=settings, declared=declared)
    with world.stores.transactions.transaction():
        assert world.stores.monitors.purge_watches(world.clock.now() + timedelta(days=1)) == 3


def test_report_of_a_window_that_is_larger_than_memory_is_the_same(
    world: Any, draw_rows: Any, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
):
    world.register()
    for number in range(6):
        frame = draw_rows(150, seed=number + 5, days=115, flip=0.1 * (number > 3))
        label(world, world.log(frame, keys=True)[::2], frame.gather_every(2))
        world.clock.advance(timedelta(minutes=30))

    def found() -> dict[str, Any]:
        view = monitor.view("delay")
        return {**view.document, "report_id": "", "created_at": ""}

    in_memory = found()
    in_file = partial(read_window, held_bytes=5_000)
    window = in_file(world.stores.predictions, "delay", Window(), now=world.clock.now())
    assert all(isinstance(table, ColumnTable) for table in (window.rows, window.features, window.outputs))
    monkeypatch.setattr("millwright.monitoring.monitor.read_window", in_file)
    assert found() == in_memory
    assert in_memory["rows"] == 900
