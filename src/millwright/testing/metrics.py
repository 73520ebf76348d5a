"""Conformance of `RunStore`: metric points and the latest value of each metric."""
# ruff: noqa: S101

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.records.run import MetricPoint
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads
from millwright.testing.runs import stored_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.run import RunRecord
    from millwright.storage.base.runs import RunStore
    from millwright.testing.conformance import Opener

_SPECIAL = (math.inf, -math.inf, 0.0, 5e-324, -1.7976931348623157e308, 0.1, 2.0**53 + 2)


class MetricConformance(StoreConformance):
    """Metric points; the opener gives a `RunStore`."""

    @pytest.fixture
    def run(self, store: RunStore) -> RunRecord:
        """A run that is stored."""
        return stored_run(store)

    @pytest.mark.parametrize("value", _SPECIAL)
    def test_value_comes_back_exactly(self, store: RunStore, run: RunRecord, value: float) -> None:
        """To the last bit, infinities included."""
        store.append_metrics(run.id, [point(value)])
        assert store.list_history(run.id, "loss") == [point(value)]
        assert store.get_run(run.id).metrics == {"loss": value}

    def test_nan_comes_back_as_nan(self, store: RunStore, run: RunRecord) -> None:
        """In the history and as the latest value."""
        store.append_metrics(run.id, [point(1.0), point(math.nan, step=1)])
        first, second = store.list_history(run.id, "loss")
        assert first == point(1.0)
        assert math.isnan(second.value)
        assert math.isnan(store.get_run(run.id).metrics["loss"])

    def test_nan_and_zero_at_the_same_moment_are_two_points(self, store: RunStore, run: RunRecord) -> None:
        """NaN is a value of its own."""
        store.append_metrics(run.id, [point(0.0), point(math.nan)])
        assert sorted(str(found.value) for found in store.list_history(run.id, "loss")) == ["0.0", "nan"]

    def test_history_is_sorted_by_step_then_time(self, store: RunStore, run: RunRecord) -> None:
        """Whatever the order of arrival; microseconds and times before 1970 count."""
        points = [point(1.0, step=step, seconds=seconds) for step, seconds in ((0, -3e9), (1, 0), (1, 1e-6), (2, -5))]
        for index in (2, 0, 3, 1):
            store.append_metrics(run.id, [points[index]])
        assert store.list_history(run.id, "loss") == points

    def test_history_of_an_unknown_metric_is_empty(self, store: RunStore, run: RunRecord) -> None:
        """No points, no error; nothing appended is nothing."""
        store.append_metrics(run.id, [])
        assert store.list_history(run.id, "nothing") == []

    def test_equal_points_are_stored_once(self, store: RunStore, run: RunRecord) -> None:
        """So that a writer may repeat what it does not know to have arrived."""
        for _ in range(2):
            store.append_metrics(run.id, [point(1.0), point(1.0), point(math.nan, step=1), point(math.nan, step=1)])
        assert len(store.list_history(run.id, "loss")) == 2

    def test_latest_value_is_that_of_the_highest_step_then_time(self, store: RunStore, run: RunRecord) -> None:
        """Not that of the last arrival; of equal step and time the last arrival wins."""
        for value, step, seconds in ((1.0, 5, 0), (2.0, 4, 9), (3.0, 5, -1), (4.0, 5, 0), (5.0, 0, 99)):
            store.append_metrics(run.id, [point(value, step=step, seconds=seconds)])
        assert store.get_run(run.id).metrics == {"loss": 4.0}

    def test_latest_value_is_right_when_a_batch_comes_unsorted(self, store: RunStore, run: RunRecord) -> None:
        """The rule holds inside one call as well."""
        batch = [point(float(step), step=step) for step in (3, 9, 1)] + [point(7.0, step=9)]
        store.append_metrics(run.id, batch)
        assert store.get_run(run.id).metrics == {"loss": 7.0}

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_metric_may_have_any_name(self, store: RunStore, run: RunRecord, name: str) -> None:
        """Keys are kept as they are."""
        store.append_metrics(run.id, [point(1.0, key=name)])
        assert store.list_history(run.id, name) == [point(1.0, key=name)]

    def test_many_metrics_arrive_in_one_batch(self, store: RunStore, run: RunRecord) -> None:
        """More than one statement could name."""
        points = [point(float(number), key=f"m{number:05d}") for number in range(1500)]
        store.append_metrics(run.id, points)
        assert store.get_run(run.id).metrics == {found.key: found.value for found in points}
        assert store.list_history(run.id, "m01499") == [points[-1]]

    def test_step_may_be_large(self, store: RunStore, run: RunRecord) -> None:
        """64 bits."""
        store.append_metrics(run.id, [point(1.0, step=2**62)])
        assert store.list_history(run.id, "loss")[0].step == 2**62

    def test_metrics_of_two_runs_stay_apart(self, store: RunStore, run: RunRecord) -> None:
        """Also when they have the same name."""
        other = stored_run(store)
        store.append_metrics(run.id, [point(1.0)])
        store.append_metrics(other.id, [point(2.0)])
        assert store.list_history(run.id, "loss") == [point(1.0)]
        assert {found.id: found.metrics for found in store.list_runs()} == {
            run.id: {"loss": 1.0},
            other.id: {"loss": 2.0},
        }

    def test_points_of_many_threads_are_all_there(self, store: RunStore, run: RunRecord) -> None:
        """None lost, and the latest is the latest."""

        def append(number: int) -> None:
            for step in range(10):
                keys = ("a", "b") if number % 2 else ("b", "a")  # in the other order, to provoke a deadlock
                store.append_metrics(run.id, [point(number, step=10 * step + number, key=key) for key in keys])

        in_threads(append)
        assert len(store.list_history(run.id, "a")) == len(store.list_history(run.id, "b")) == 80
        assert store.get_run(run.id).metrics == {"a": 7.0, "b": 7.0}

    def test_points_of_many_processes_are_all_there(self, shared_opener: Opener) -> None:
        """None lost, and the latest is the latest."""
        with shared_opener() as store:
            store.create_experiment(sample.experiment("shared"))
            run = sample.run(store.find_experiment("shared").id)
            store.create_run(run)
            in_processes(shared_opener, _append_twenty, count=3)
            assert len(store.list_history(run.id, "loss")) == 60
            assert store.get_run(run.id).metrics == {"loss": 119.0}

    def test_points_survive_sigkill_once_appended(self, shared_opener: Opener) -> None:
        """All of the acknowledged batch."""
        run_id = in_killed_process(shared_opener, _append_and_tell)
        with shared_opener() as store:
            assert len(store.list_history(run_id, "loss")) == 100


def point(value: float, *, step: int = 0, seconds: float = 0, key: str = "loss") -> MetricPoint:
    """A metric point."""
    return MetricPoint(key=key, value=value, step=step, at=sample.moment(seconds))


def _append_twenty(store: RunStore, number: int) -> None:
    run = store.list_runs()[0]
    for step in range(20):
        value = 3 * step + number
        store.append_metrics(run.id, [point(float(2 * value + 1 if value == 59 else value), step=value)])


def _append_and_tell(store: RunStore, acknowledge: Callable[[Any], None]) -> None:
    run = stored_run(store)
    store.append_metrics(run.id, [point(float(step), step=step) for step in range(100)])
    acknowledge(run.id)
