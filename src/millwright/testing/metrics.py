"""Conformance of `RunStore` and `MetricStore`: metric points, histories and summaries."""
# ruff: noqa: S101

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import RunId
from millwright.core.records.run import MetricPoint
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads
from millwright.testing.runs import stored_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.run import RunRecord
    from millwright.storage.catalog import Stores
    from millwright.testing.conformance import Opener

_SPECIAL = (math.inf, -math.inf, 0.0, 5e-324, -1.7976931348623157e308, 0.1, 2.0**53 + 2)


class MetricConformance(StoreConformance):
    """Metric points; the opener gives the whole `Stores`."""

    @pytest.fixture
    def run(self, store: Stores) -> RunRecord:
        """A run that is stored."""
        return stored_run(store)

    @pytest.mark.parametrize("value", _SPECIAL)
    def test_value_comes_back_exactly(self, store: Stores, run: RunRecord, value: float) -> None:
        """To the last bit, infinities included."""
        store.runs.append_metrics(run.id, [point(value)])
        assert store.runs.list_history(run.id, "loss") == [point(value)]
        assert store.runs.get_run(run.id).metrics == {"loss": value}

    def test_nan_comes_back_as_nan(self, store: Stores, run: RunRecord) -> None:
        """In the history and as the latest value."""
        store.runs.append_metrics(run.id, [point(1.0), point(math.nan, step=1)])
        first, second = store.runs.list_history(run.id, "loss")
        assert first == point(1.0)
        assert math.isnan(second.value)
        assert math.isnan(store.runs.get_run(run.id).metrics["loss"])

    def test_nan_and_zero_at_the_same_moment_are_two_points(self, store: Stores, run: RunRecord) -> None:
        """NaN is a value of its own."""
        store.runs.append_metrics(run.id, [point(0.0), point(math.nan)])
        assert sorted(str(found.value) for found in store.runs.list_history(run.id, "loss")) == ["0.0", "nan"]

    def test_history_is_sorted_by_step_then_time(self, store: Stores, run: RunRecord) -> None:
        """Whatever the order of arrival; microseconds and times before 1970 count."""
        points = [point(1.0, step=step, seconds=seconds) for step, seconds in ((0, -3e9), (1, 0), (1, 1e-6), (2, -5))]
        for index in (2, 0, 3, 1):
            store.runs.append_metrics(run.id, [points[index]])
        assert store.runs.list_history(run.id, "loss") == points

    def test_history_of_an_unknown_metric_is_empty(self, store: Stores, run: RunRecord) -> None:
        """No points, no error; nothing appended is nothing."""
        store.runs.append_metrics(run.id, [])
        assert store.runs.list_history(run.id, "nothing") == []

    def test_equal_points_are_stored_once(self, store: Stores, run: RunRecord) -> None:
        """So that a writer may repeat what it does not know to have arrived."""
        for _ in range(2):
            store.runs.append_metrics(
                run.id, [point(1.0), point(1.0), point(math.nan, step=1), point(math.nan, step=1)]
            )
        assert len(store.runs.list_history(run.id, "loss")) == 2

    def test_latest_value_is_that_of_the_highest_step_then_time(self, store: Stores, run: RunRecord) -> None:
        """Not that of the last arrival; of equal step and time the last arrival wins."""
        for value, step, seconds in ((1.0, 5, 0), (2.0, 4, 9), (3.0, 5, -1), (4.0, 5, 0), (5.0, 0, 99)):
            store.runs.append_metrics(run.id, [point(value, step=step, seconds=seconds)])
        assert store.runs.get_run(run.id).metrics == {"loss": 4.0}

    def test_latest_value_is_right_when_a_batch_comes_unsorted(self, store: Stores, run: RunRecord) -> None:
        """The rule holds inside one call as well; of the same step and time the highest value counts."""
        batch = [point(float(step), step=step) for step in (3, 9, 1)] + [point(7.0, step=9)]
        store.runs.append_metrics(run.id, batch)
        assert store.runs.get_run(run.id).metrics == {"loss": 9.0}

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_metric_may_have_any_name(self, store: Stores, run: RunRecord, name: str) -> None:
        """Keys are kept as they are."""
        store.runs.append_metrics(run.id, [point(1.0, key=name)])
        assert store.runs.list_history(run.id, name) == [point(1.0, key=name)]

    def test_many_metrics_arrive_in_one_batch(self, store: Stores, run: RunRecord) -> None:
        """More than one statement could name."""
        points = [point(float(number), key=f"m{number:05d}") for number in range(1500)]
        store.runs.append_metrics(run.id, points)
        assert store.runs.get_run(run.id).metrics == {found.key: found.value for found in points}
        assert store.runs.list_history(run.id, "m01499") == [points[-1]]

    def test_step_may_be_large(self, store: Stores, run: RunRecord) -> None:
        """64 bits."""
        store.runs.append_metrics(run.id, [point(1.0, step=2**62)])
        assert store.runs.list_history(run.id, "loss")[0].step == 2**62

    def test_metrics_of_two_runs_stay_apart(self, store: Stores, run: RunRecord) -> None:
        """Also when they have the same name."""
        other = stored_run(store)
        store.runs.append_metrics(run.id, [point(1.0)])
        store.runs.append_metrics(other.id, [point(2.0)])
        assert store.runs.list_history(run.id, "loss") == [point(1.0)]
        assert {found.id: found.metrics for found in store.runs.list_runs()} == {
            run.id: {"loss": 1.0},
            other.id: {"loss": 2.0},
        }

    def test_points_of_many_threads_are_all_there(self, store: Stores, run: RunRecord) -> None:
        """None lost, and the latest is the latest."""

        def append(number: int) -> None:
            for step in range(10):
                keys = ("a", "b") if number % 2 else ("b", "a")  # in the other order, to provoke a deadlock
                store.runs.append_metrics(run.id, [point(number, step=10 * step + number, key=key) for key in keys])

        in_threads(append)
        assert len(store.runs.list_history(run.id, "a")) == len(store.runs.list_history(run.id, "b")) == 80
        assert store.runs.get_run(run.id).metrics == {"a": 7.0, "b": 7.0}

    def test_points_of_many_processes_are_all_there(self, shared_opener: Opener) -> None:
        """None lost, and the latest is the latest."""
        with shared_opener() as store:
            store.experiments.create(sample.experiment("shared"))
            run = sample.run(store.experiments.find("shared").id)
            store.runs.create_run(run)
            in_processes(shared_opener, _append_twenty, count=3)
            assert len(store.runs.list_history(run.id, "loss")) == 60
            assert store.runs.get_run(run.id).metrics == {"loss": 119.0}

    def test_points_survive_sigkill_once_appended(self, shared_opener: Opener) -> None:
        """All of the acknowledged batch."""
        run_id = in_killed_process(shared_opener, _append_and_tell)
        with shared_opener() as store:
            assert len(store.runs.list_history(run_id, "loss")) == 100


class MetricStoreConformance(StoreConformance):
    """Histories in pages, samples and summaries; the opener gives the whole `Stores`."""

    @pytest.fixture
    def run(self, store: Stores) -> RunRecord:
        """A run that is stored."""
        return stored_run(store)

    def test_history_comes_in_pages(self, store: Stores, run: RunRecord) -> None:
        """Each point once, also among equal steps and times, with NaN at its place."""
        values = [3.0, math.nan, 1.0, -math.inf, 2.0]
        points = [point(value, step=step) for step in range(2) for value in values]
        store.runs.append_metrics(run.id, points)
        found: list[MetricPoint] = []
        after = None
        while True:
            page = store.metrics.history(run.id, "loss", limit=3, after=after)
            found, after = [*found, *page.items], page.next_token
            if after is None:
                break
        assert repr(found) == repr(list(store.metrics.history(run.id, "loss").items))
        assert (len(found), found[0].value, found[-1].value) == (10, -math.inf, 3.0)

    def test_raw_history_is_the_same_in_tuples(self, store: Stores, run: RunRecord) -> None:
        """Value, milliseconds and step."""
        store.runs.append_metrics(run.id, [point(2.0, step=7, seconds=1.2345), point(1.0, step=3)])
        noon = round(sample.NOON.timestamp() * 1000)
        page = store.metrics.history_raw(run.id, "loss")
        assert page.items == ((1.0, noon, 3), (2.0, noon + 1234, 7))
        assert store.metrics.history_raw(run.id, "nothing").items == ()
        assert store.metrics.history_raw(run.id, "loss", limit=1).items == page.items[:1]

    def test_token_of_another_history_is_refused(self, store: Stores, run: RunRecord) -> None:
        """It leads nowhere."""
        store.runs.append_metrics(run.id, [point(1.0, step=step, key=key) for step in range(3) for key in "ab"])
        token = store.metrics.history(run.id, "a", limit=1).next_token
        with pytest.raises(InvalidInputError, match="page token"):
            store.metrics.history(run.id, "b", after=token)

    @pytest.mark.parametrize("axis", ["step", "time"])
    def test_sample_has_both_ends_and_every_peak(self, store: Stores, run: RunRecord, axis: str) -> None:
        """Along the steps, or along time where the step stays the same."""
        values = [math.sin(number / 50) for number in range(2000)]
        values[700], values[1333], values[5] = 9.0, -9.0, math.nan
        points = [
            point(value, **({"step": number} if axis == "step" else {"seconds": number}))  # type: ignore[arg-type]
            for number, value in enumerate(values)
        ]
        store.runs.append_metrics(run.id, points)
        found = store.metrics.sampled([run.id, RunId("nowhere")], "loss", points=100)[run.id]
        assert 50 < len(found) <= 100
        assert (found[0], found[-1]) == (points[0], points[-1])
        assert {9.0, -9.0} <= {each.value for each in found}
        assert found == sorted(found, key=lambda each: (each.step, each.at))

    def test_sample_is_everything_when_there_is_little(self, store: Stores, run: RunRecord) -> None:
        """Within the steps that are asked for; runs without the metric are left out."""
        other = stored_run(store)
        points = [point(float(step), step=step) for step in range(30)]
        store.runs.append_metrics(run.id, points)
        sampled = store.metrics.sampled([run.id, other.id], "loss", points=10, start_step=5, end_step=14)
        assert sampled == {run.id: points[5:15]}
        assert store.metrics.sampled([], "loss", points=10) == {}

    def test_summary_knows_count_extremes_and_last_point(self, store: Stores, run: RunRecord) -> None:
        """However often points come again; NaN is no extreme."""
        store.runs.append_metrics(run.id, [point(3.0), point(math.nan, step=9), point(-1.0, step=4)])
        store.runs.append_metrics(run.id, [point(3.0), point(5.0, step=2), point(math.nan, key="nan")])
        loss, nan = store.metrics.summaries(run.id)
        assert (loss.key, loss.count, loss.minimum, loss.maximum, loss.last.step) == ("loss", 4, -1.0, 5.0, 9)
        assert (nan.key, nan.count, nan.minimum, nan.maximum) == ("nan", 1, None, None)
        with pytest.raises(NotFoundError):
            store.metrics.summaries(RunId("nowhere"))

    def test_points_of_models_are_found_by_model(self, store: Stores, run: RunRecord) -> None:
        """With their run and dataset; the run has them too."""
        given = replace(point(1.0, step=2), model_id="m-1", dataset_name="d", dataset_digest="x")
        store.runs.append_metrics(run.id, [given, replace(given, model_id="m-2", value=math.nan), point(3.0, step=3)])
        store.runs.append_metrics(run.id, [given])
        found = store.metrics.of_models(["m-1", "m-2", "m-3"])
        assert found["m-1"] == [(run.id, given)]
        assert math.isnan(found["m-2"][0][1].value)
        assert found["m-3"] == []
        assert len(store.metrics.history(run.id, "loss").items) == 3


def point(value: float, *, step: int = 0, seconds: float = 0, key: str = "loss") -> MetricPoint:
    """A metric point."""
    return MetricPoint(key=key, value=value, step=step, at=sample.moment(seconds))


def _append_twenty(store: Stores, number: int) -> None:
    run = store.runs.list_runs()[0]
    for step in range(20):
        value = 3 * step + number
        store.runs.append_metrics(run.id, [point(float(2 * value + 1 if value == 59 else value), step=value)])


def _append_and_tell(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    run = stored_run(store)
    store.runs.append_metrics(run.id, [point(float(step), step=step) for step in range(100)])
    acknowledge(run.id)
