from __future__ import annotations

from typing import Any

import pytest

from millwright.evaluation.gates.latency import Latency


class Stopwatch:
    """Each call of the model takes the next of these seconds; looking at the clock takes none."""

    def __init__(self, *seconds: float) -> None:
        self.now, self.calls, self._seconds = 0.0, 0, seconds

    def __call__(self) -> float:
        return self.now

    def wrap(self, model: Any) -> Any:
        watch = self

        class Slow:
            signature, engine = model.signature, "formula"

            def predict_rows(self, rows: Any) -> Any:
                watch.now += watch._seconds[watch.calls % len(watch._seconds)]
                watch.calls += 1
                return model.predict_rows(rows)

        return Slow()


def test_latency_fires_when_a_percentile_is_above_its_limit(make_subject: Any, binary_model: Any):
    watch = Stopwatch(*[0.001] * 9, 0.080)

    result = Latency(p95_ms=50, calls=100).evaluate(make_subject(challenger=watch.wrap(binary_model), timer=watch))

    assert not result.passed
    assert result.value == pytest.approx(80)
    assert result.limit == 50
    assert result.reason == (
        "One row takes 1.000 ms in the median and 80.00 ms at the 95th percentile of 100 calls on formula; asked for: "
        "95th percentile at most 50 ms."
    )


def test_latency_stays_silent_within_the_limits(make_subject: Any, binary_model: Any):
    watch = Stopwatch(*[0.001] * 9, 0.080)
    subject = make_subject(challenger=watch.wrap(binary_model), timer=watch)

    assert Latency(p50_ms=2).evaluate(subject).passed
    assert Latency(p50_ms=2, p95_ms=90).evaluate(subject).passed


def test_latency_stops_after_three_seconds(make_subject: Any, binary_model: Any):
    watch = Stopwatch(1.0)

    result = Latency(p50_ms=5).evaluate(make_subject(challenger=watch.wrap(binary_model), timer=watch))

    assert result.details["calls"] == 3


def test_latency_measures_the_real_clock_by_default(make_subject: Any):
    result = Latency(p95_ms=10_000, calls=5).evaluate(make_subject())

    assert result.passed
    assert result.value is not None
    assert result.value > 0


def test_latency_cannot_be_evaluated_without_rows(make_subject: Any, binary_test: Any):
    with pytest.raises(ValueError, match="no example row"):
        Latency(p95_ms=1).evaluate(make_subject(test=binary_test.clear()))


@pytest.mark.parametrize("settings", [{}, {"p95_ms": 1, "calls": 0}])
def test_latency_refuses_settings_that_make_no_sense(settings: dict[str, Any]):
    with pytest.raises(ValueError, match="expected"):
        Latency(**settings)
