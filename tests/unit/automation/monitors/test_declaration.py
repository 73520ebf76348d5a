from __future__ import annotations

from datetime import UTC, datetime, timedelta

from millwright.automation.monitors import Declaration
from millwright.monitoring.window import Window

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_digest_is_that_of_what_is_declared() -> None:
    first = Declaration(name="delay", endpoint="delay", content={"endpoint": "delay", "every": "PT1H"})
    same = Declaration(name="delay", endpoint="delay", content={"every": "PT1H", "endpoint": "delay"})
    assert first.digest == same.digest
    others = [
        Declaration(name="delay", endpoint="delay", content={"endpoint": "delay", "every": "PT2H"}),
        Declaration(name="other", endpoint="delay", content=first.content),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 3


def test_window_ends_now_and_is_as_long_as_declared() -> None:
    day = Declaration(name="d", endpoint="delay", window=timedelta(days=1), rows=500, version=3)
    assert day.window_at(NOW) == Window(start=NOW - timedelta(days=1), last=500, version=3)
    assert Declaration(name="d", endpoint="delay").window_at(NOW) == Window()
