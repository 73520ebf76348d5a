from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import MonitorReportRecord
from millwright.monitoring.exposition.newest import DeclaredMonitors, newest_reports

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def write(world: Any) -> Any:
    def written(monitor: str, *, hours: int) -> None:
        at = NOON + timedelta(hours=hours)
        world.stores.monitors.append_report(
            MonitorReportRecord(
                id=ReportId(new_id()), endpoint="delay", model="delay", version=1, monitor=monitor,
                window_start=at - timedelta(days=1), window_end=at, created_at=at, rows=1, labelled_rows=0, drift=(),
            )
        )  # fmt: skip

    return written


def told(world: Any, *names: str, since: int | None = -100) -> list[tuple[str, int]]:
    """Monitor and hour of what is told of."""
    moment = None if since is None else NOON + timedelta(hours=since)
    declared = DeclaredMonitors(names={"delay": names} if names else {}, since=moment)
    reports = newest_reports(world.stores.monitors, "delay", declared)
    return [(report.monitor, round((report.created_at - NOON) / timedelta(hours=1))) for report in reports]


def test_newest_report_of_each_declared_monitor_counts(world: Any, write: Any):
    for hour in range(3):
        write("hourly", hours=hour)
    write("daily", hours=-20)
    assert told(world, "daily", "hourly", "weekly") == [("daily", -20), ("hourly", 2)]


def test_check_by_hand_counts_until_a_monitor_was_checked_again(world: Any, write: Any):
    write("hourly", hours=0)
    write("", hours=1)
    assert told(world, "hourly") == [("hourly", 0), ("", 1)]
    write("hourly", hours=2)
    assert told(world, "hourly") == [("hourly", 2)]


def test_removed_monitor_is_told_of_no_more_be_its_report_the_newest(world: Any, write: Any):
    write("hourly", hours=0)
    write("daily", hours=1)
    assert told(world, "hourly", since=2) == [("hourly", 0)]
    assert told(world, since=2) == []


def test_monitor_that_was_not_written_down_yet_counts(world: Any, write: Any):
    write("hourly", hours=0)
    assert told(world, since=None) == [("hourly", 0)]
    assert told(world, since=-1) == [("hourly", 0)]
