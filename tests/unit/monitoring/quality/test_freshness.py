from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.quality.freshness import Freshness

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_rows_and_labels_that_stopped_coming_are_found(rows: Any, subject: Any):
    window = subject(rows(10), now=NOW + timedelta(hours=5), newest_label=NOW - timedelta(days=3))
    row, label = Freshness(max_row_age=timedelta(hours=4), max_label_age=timedelta(days=4)).measure(window)
    assert (row.found, row.expected, row.broken) == (5 * 3600 + 1, 4 * 3600, True)
    assert row.message == "the newest row is 5 hours old"
    assert (label.broken, label.message) == (False, "the newest label is 3.21 days old")


def test_ages_are_told_and_not_judged_without_a_limit(rows: Any, subject: Any):
    (found,) = Freshness().measure(subject(rows(10), now=NOW + timedelta(days=365)))
    assert not found.judged
    assert not found.broken


def test_labels_that_never_came_are_waited_for_since_the_oldest_row(rows: Any, subject: Any):
    at = [NOW - timedelta(days=9), NOW - timedelta(minutes=1)]
    _, label = Freshness(max_label_age=timedelta(days=7)).measure(subject(rows(2), at=at))
    assert (label.what, label.broken) == ("label_awaited_s", True)
    assert label.message == "no label has come, though the oldest row is 9 days old"
    _, label = Freshness(max_label_age=timedelta(days=10)).measure(subject(rows(2), at=at))
    assert (label.judged, label.broken) == (True, False)
    _, label = Freshness(max_label_age=timedelta(days=7)).ages(NOW, None, NOW + timedelta(days=8))
    assert label.broken


def test_a_window_of_the_past_is_not_too_old(rows: Any, subject: Any):
    assert Freshness(max_row_age=timedelta(hours=1)).measure(subject(rows(10), is_open=False)) == []


def test_settings_refuse_an_age_of_nothing():
    with pytest.raises(InvalidInputError, match="above 0"):
        Freshness(max_row_age=timedelta(0))
