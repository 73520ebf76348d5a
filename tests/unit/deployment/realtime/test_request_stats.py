from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from millwright.deployment.realtime.request_stats import BUCKETS, MOST_REFUSED, OTHERS, RequestStats
from millwright.models.check import describe


@given(st.lists(st.floats(0, 20), max_size=50))
def test_buckets_count_what_is_at_most_their_bound(times):
    stats = RequestStats()
    for seconds in times:
        stats.observe("predict", "POST", 200, seconds)
    if not times:
        assert stats.routes == {}
        return
    (found,) = stats.routes.values()
    assert found.count == sum(found.buckets) == len(times)
    for index, bound in enumerate(BUCKETS):
        assert sum(found.buckets[: index + 1]) == sum(seconds <= bound for seconds in times)


def test_requests_are_told_apart_by_route_method_and_status():
    stats = RequestStats()
    stats.observe("predict", "POST", 200, 0.001)
    stats.observe("predict", "POST", 422, 0.001)
    assert set(stats.routes) == {("predict", "POST", 200), ("predict", "POST", 422)}


def test_predictions_add_up_per_version():
    stats = RequestStats()
    stats.count_predictions("delay", 1, 3)
    stats.count_predictions("delay", 1, 2)
    stats.count_predictions("delay", 2, 1)
    assert stats.predictions == {("delay", 1): 5, ("delay", 2): 1}


def test_refused_values_are_counted_by_kind_and_bounded():
    stats = RequestStats()
    bad = [
        {"row": row, "column": "load", "expected": "a finite number", "found": describe(value)}
        for row, value in enumerate(("ten", "eleven", 10**30, True, [1], None, float("nan")))
    ]
    stats.count_refused_values("delay", bad)
    stats.count_refused_values("delay", bad[:1])
    expected = ("load", "a finite number")
    assert {kind: count for (_, kind), count in stats.refused_values.items()} == {
        (*expected, "text"): 2,
        (*expected, "a number"): 1,
        (*expected, "true or false"): 1,
        (*expected, "a list"): 1,
        (*expected, "null"): 1,
        (*expected, "NaN"): 1,
    }
    for number in range(2 * MOST_REFUSED):
        unknown = {"row": 0, "column": f"c{number}", "expected": "a column", "found": "an unknown column"}
        stats.count_refused_values("delay", [unknown])
    assert len(stats.refused_values) == MOST_REFUSED + 1
    assert stats.refused_values["delay", OTHERS] == MOST_REFUSED + 6
