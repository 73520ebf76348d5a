from __future__ import annotations

from millwright.monitoring.judging import Judging


def test_monitor_is_the_declared_one_or_none():
    assert Judging().monitor == ""
    assert Judging(declared={"name": "hourly", "digest": "d"}).monitor == "hourly"
