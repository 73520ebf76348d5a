from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock
from millwright.core.ids import AlertId, ReportId, new_id
from millwright.core.records.monitor import AlertRecord, AlertState, DriftRecord, MonitorReportRecord, Severity
from millwright.core.records.prediction import EndpointRecord
from millwright.server.traffic.metrics import RequestMetrics
from millwright.server.traffic.monitor_metrics import MonitorCollector
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


def told(stores: Stores) -> str:
    return RequestMetrics((), [MonitorCollector(stores, ManualClock(NOW))]).text()[0].decode()


def write_report(stores: Stores) -> None:
    drift = DriftRecord(
        column="days", kind="numeric", scores={"psi": 0.4}, p_value=0.0, statistic="psi", threshold=0.2,
        drifted=True, reference_rows=100, current_rows=100,
    )  # fmt: skip
    document = b'{"performance": {"intervals": {"roc_auc": [0.7, 0.9]}}, "estimated": null, "joint": {"auc": 0.75}}'
    stores.monitors.append_report(
        MonitorReportRecord(
            id=ReportId(new_id()), endpoint="delay", model="delay", version=1, window_start=NOW - timedelta(days=1),
            window_end=NOW, created_at=NOW, rows=200, labelled_rows=50, drift=(drift,),
            performance={"roc_auc": 0.8}, reference_performance={"roc_auc": 0.85},
            document=stores.artifacts.put(document), monitor="hourly",
        )
    )  # fmt: skip


def test_report_and_alerts_are_told_as_prometheus_reads_them(stores: Stores):
    stores.endpoints.put(EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW))
    write_report(stores)
    alert = AlertRecord(
        id=AlertId(new_id()), endpoint="delay", kind="drift", severity=Severity.WARNING, state=AlertState.OPEN,
        message="days drifted", created_at=NOW, monitor="hourly",
    )  # fmt: skip
    stores.monitors.append_alert(alert)
    text = told(stores)
    for line in (
        'millwright_monitor_drift_score{column="days",endpoint="delay",monitor="hourly",statistic="psi"} 0.4',
        'millwright_monitor_drift_limit{column="days",endpoint="delay",monitor="hourly",statistic="psi"} 0.2',
        'millwright_monitor_drifted{column="days",endpoint="delay",monitor="hourly"} 1.0',
        'millwright_monitor_performance{endpoint="delay",metric="roc_auc",monitor="hourly",source="realised"} 0.8',
        'millwright_monitor_performance{endpoint="delay",metric="roc_auc",monitor="hourly",source="evaluation"} 0.85',
        'millwright_monitor_performance_low{endpoint="delay",metric="roc_auc",monitor="hourly",source="realised"} 0.7',
        'millwright_monitor_performance_high{endpoint="delay",metric="roc_auc",monitor="hourly",source="realised"} 0.9',
        'millwright_monitor_label_coverage_ratio{endpoint="delay",monitor="hourly"} 0.25',
        'millwright_monitor_rows{endpoint="delay",monitor="hourly"} 200.0',
        'millwright_monitor_joint_auc{endpoint="delay",monitor="hourly"} 0.75',
        'millwright_monitor_lag_seconds{endpoint="delay"} 0.0',
        'millwright_monitor_alerts_open{endpoint="delay",kind="drift",monitor="hourly",severity="warning",state="open"}',
    ):
        assert line in text


def test_report_of_a_monitor_that_was_removed_is_told_no_more(stores: Stores):
    stores.endpoints.put(EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW))
    write_report(stores)
    details = {"removed": ["hourly"], "monitors": {}}
    stores.audit.append(at=NOW, actor="ada", action="monitors.declare", subject="monitors", details=details)
    text = told(stores)
    assert "millwright_monitor_lag_seconds{" in text
    assert "hourly" not in text


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus")
def test_promtool_has_nothing_against_names_and_labels(stores: Stores):
    stores.endpoints.put(EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW))
    write_report(stores)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=told(stores), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_other_counts_are_told_while_the_stores_cannot_be_read(
    stores: Stores, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    stores.close()
    for file in tmp_path.glob("records.db*"):
        file.write_bytes(b"no database")
    metrics = RequestMetrics(("/health",), [MonitorCollector(stores, ManualClock(NOW))])
    metrics.count("GET", "/health", 200, 0.001)
    text = metrics.text()[0].decode()
    assert 'millwright_http_requests_total{method="GET",route="/health",status="200"} 1.0' in text
    assert "could not be read" in caplog.text
