from __future__ import annotations

from datetime import UTC, datetime, timedelta

from millwright.core.clock import ManualClock, SystemClock


def test_system_clock_tells_aware_utc():
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_manual_clock_moves_only_when_told():
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 1, 1, 1, tzinfo=UTC)
