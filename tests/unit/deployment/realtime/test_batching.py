from __future__ import annotations

import threading
import time
from concurrent.futures import wait
from typing import Any

import pytest

from millwright.core.errors import OverloadedError
from millwright.deployment.realtime.batching import BatchOptions, MicroBatcher, batching_pays
from millwright.deployment.realtime.served_model import ServedModel


class Gated:
    """A model whose calls wait until they are let through; says which rows came together."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)

    def predict(self, rows: Any) -> Any:
        self.calls.append([row["n"] for row in rows])
        self.begun.release()
        assert self.gate.acquire(timeout=10)
        if any(row["n"] < 0 for row in rows):
            raise ValueError("negative")
        return [{"prediction": row["n"] * 2} for row in rows]


@pytest.fixture
def model() -> Gated:
    return Gated()


def test_what_comes_while_a_call_runs_is_the_next_call(model):
    batcher = MicroBatcher(model.predict)
    first = batcher.submit([{"n": 1}])
    assert model.begun.acquire(timeout=10)
    others = [batcher.submit([{"n": n}, {"n": n + 10}]) for n in (2, 3, 4)]
    assert batcher.waiting == 6
    model.gate.release(2)
    assert first.result(10) == [{"prediction": 2}]
    assert [each.result(10) for each in others] == [
        [{"prediction": 2 * n}, {"prediction": 2 * n + 20}] for n in (2, 3, 4)
    ]
    assert model.calls == [[1], [2, 12, 3, 13, 4, 14]]
    assert (batcher.calls[0], batcher.calls[3], sum(batcher.calls), batcher.rows) == (1, 1, 2, 7)
    batcher.close()


def test_call_holds_no_more_rows_than_it_may_but_never_splits_a_request(model):
    batcher = MicroBatcher(model.predict, BatchOptions(max_rows=3))
    futures = [batcher.submit([{"n": 0}])]
    assert model.begun.acquire(timeout=10)
    futures += [batcher.submit([{"n": n}] * size) for n, size in ((1, 2), (2, 2), (3, 5), (4, 1))]
    model.gate.release(10)
    wait(futures, 10)
    assert model.calls == [[0], [1, 1], [2, 2], [3] * 5, [4]]
    batcher.close()


def test_rows_beyond_those_that_may_wait_are_refused(model):
    batcher = MicroBatcher(model.predict, BatchOptions(max_waiting=2))
    batcher.submit([{"n": 0}])
    assert model.begun.acquire(timeout=10)
    kept = batcher.submit([{"n": 1}, {"n": 2}])
    with pytest.raises(OverloadedError, match="2 rows wait"):
        batcher.submit([{"n": 3}])
    model.gate.release(2)
    assert len(kept.result(10)) == 2
    batcher.close()


def test_request_that_fails_does_not_fail_those_beside_it(model):
    batcher = MicroBatcher(model.predict)
    first = batcher.submit([{"n": -1}])
    assert model.begun.acquire(timeout=10)
    good, bad = batcher.submit([{"n": 1}]), batcher.submit([{"n": -2}])
    model.gate.release(10)
    with pytest.raises(ValueError, match="negative"):
        first.result(10)
    with pytest.raises(ValueError, match="negative"):
        bad.result(10)
    assert good.result(10) == [{"prediction": 2}]
    batcher.close()


def test_request_whose_caller_has_left_is_not_predicted(model):
    batcher = MicroBatcher(model.predict)
    first = batcher.submit([{"n": 0}])
    assert model.begun.acquire(timeout=10)
    gone, last = batcher.submit([{"n": 1}]), batcher.submit([{"n": 2}])
    assert gone.cancel()
    model.gate.release(10)
    wait([first, last], 10)
    assert model.calls == [[0], [2]]
    batcher.close()


def test_closed_batcher_answers_what_waits_and_what_still_comes(model):
    batcher = MicroBatcher(model.predict)
    first = batcher.submit([{"n": 0}])
    assert model.begun.acquire(timeout=10)
    waiting = batcher.submit([{"n": 1}])
    batcher.close()
    late = batcher.submit([{"n": 2}])
    model.gate.release(10)
    assert [each.result(10)[0]["prediction"] for each in (first, waiting, late)] == [0, 2, 4]


def test_batching_pays_where_a_call_costs_much_and_a_row_little():
    def call(fixed_s: float, row_s: float) -> Any:
        def predict(rows: Any) -> Any:
            time.sleep(fixed_s + row_s * len(rows))
            return [{} for _ in rows]

        return predict

    assert batching_pays(call(0.02, 0.0), {})
    assert not batching_pays(call(0.0, 0.02), {})
    assert not batching_pays(lambda rows: [{} for _ in rows], {})


def test_requests_to_a_batched_model_are_answered_and_counted(serving, row):
    served = serving.slot.current
    batcher = MicroBatcher(served.predictor.predict_rows)
    serving.slot.replace(served.with_batcher(batcher))
    assert isinstance(serving.slot.current, ServedModel)
    assert not serving.slot.current.is_quick
    assert serving.post("/predict", row).json["prediction"] == "v1"
    found = serving.get("/metrics").body.decode()
    assert 'millwright_batch_rows_bucket{endpoint="site",le="1",model="delay",version="1"} 1.0' in found
    batcher.close()
