"""Adaptive micro-batching: what comes while a call of the model runs is its next call.

There is no timer: a request that finds the model free is predicted alone and at once, and batches grow only as far as
requests come faster than the model answers. It is for models whose call costs much, whatever the number of its rows;
one that answers in microseconds is quicker without the way to another thread and back.
"""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

from millwright.core.errors import OverloadedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Rows = Sequence[Mapping[str, Any]]
    Outputs = list[dict[str, Any]]

logger = logging.getLogger(__name__)

# Upper bounds of batch sizes in rows, as they are counted.
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_TRIAL_ROWS = 8
_TRIALS = 3
_LEAST_S = 1e-3  # the way to the thread and back costs a tenth of this
_GAIN = 2.0  # rows in a batch must cost less than half of what they cost one by one


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchOptions:
    """Sizes.

    Attributes:
        max_rows: Most rows in one call, unless a single request has more.
        max_waiting: Most rows that wait for a call; what comes beyond is refused.
    """

    max_rows: int = 256
    max_waiting: int = 4_096


class MicroBatcher:
    """Predicts with one thread; `submit` may be called from any.

    Args:
        predict: Outputs of rows, one mapping per row.
        options: Sizes.

    Attributes:
        calls: Calls of the model by number of rows: at most `BATCH_SIZES[i]` and more than the bound before; the last
            one counts those beyond all bounds.
        rows: Rows predicted.
    """

    def __init__(self, predict: Callable[[Rows], Outputs], options: BatchOptions | None = None) -> None:
        self._predict = predict
        self._options = options or BatchOptions()
        self._queue: deque[tuple[Rows, Future[Outputs]]] = deque()
        self._waiting = 0
        self._news = Condition()
        self._closing = False
        self._thread: Thread | None = None
        self.calls = [0] * (len(BATCH_SIZES) + 1)
        self.rows = 0

    @property
    def waiting(self) -> int:
        """Rows that wait for a call at present."""
        return self._waiting

    def submit(self, rows: Rows) -> Future[Outputs]:
        """Take the rows of one request.

        Raises:
            OverloadedError: More rows wait than may wait.
        """
        done: Future[Outputs] = Future()
        with self._news:
            if self._closing:  # a request that chose this version just before another one took over is still its own
                Thread(target=self._answer, args=([(rows, done)],), daemon=True).start()
                return done
            if self._waiting and self._waiting + len(rows) > self._options.max_waiting:
                raise OverloadedError(
                    f"This server is overloaded: {self._waiting:,} rows wait for the model.",
                    hint="Try again after the time that the header Retry-After tells.",
                    details={"waiting": self._waiting, "maximum": self._options.max_waiting},
                )
            self._queue.append((rows, done))
            self._waiting += len(rows)
            if self._thread is None:  # not before: a version that is loaded may never be asked
                self._thread = Thread(target=self._run, name="micro-batches", daemon=True)
                self._thread.start()
            self._news.notify()
        return done

    def close(self) -> None:
        """Predict what waits, then end."""
        with self._news:
            self._closing = True
            self._news.notify()

    def _run(self) -> None:
        while batch := self._take():
            self._answer(batch)

    def _take(self) -> list[tuple[Rows, Future[Outputs]]]:
        """What waits, as far as it fits into one call; nothing at the end."""
        with self._news:
            while not self._queue and not self._closing:
                self._news.wait()
            batch: list[tuple[Rows, Future[Outputs]]] = []
            size = 0
            while self._queue and (not batch or size + len(self._queue[0][0]) <= self._options.max_rows):
                rows, done = self._queue.popleft()
                self._waiting -= len(rows)
                batch.append((rows, done))
                size += len(rows)
            return batch

    def _answer(self, batch: list[tuple[Rows, Future[Outputs]]]) -> None:
        # Who has left meanwhile needs no answer.
        wanted = [(rows, done) for rows, done in batch if done.set_running_or_notify_cancel()]
        if not wanted:
            return
        try:
            outputs = self._call([row for rows, _ in wanted for row in rows])
        except Exception as error:  # noqa: BLE001 - told to whoever asked
            if len(wanted) == 1:
                wanted[0][1].set_exception(error)
                return
            logger.warning("A batch of %d requests failed and is predicted one by one: %s", len(wanted), error)
            for rows, done in wanted:
                self._answer_alone(rows, done)
            return
        start = 0
        for rows, done in wanted:
            done.set_result(outputs[start : start + len(rows)])
            start += len(rows)

    def _answer_alone(self, rows: Rows, done: Future[Outputs]) -> None:
        """One request's rows must not fail those of others."""
        try:
            done.set_result(self._call(rows))
        except Exception as error:  # noqa: BLE001 - told to whoever asked
            done.set_exception(error)

    def _call(self, rows: Rows) -> Outputs:
        outputs = self._predict(rows)
        if len(outputs) != len(rows):
            raise RuntimeError(f"The model answered {len(rows)} rows with {len(outputs)}.")
        self.calls[next((place for place, size in enumerate(BATCH_SIZES) if len(rows) <= size), len(BATCH_SIZES))] += 1
        self.rows += len(rows)
        return outputs


def batching_pays(predict: Callable[[Rows], Outputs], row: Mapping[str, Any]) -> bool:
    """Whether a model's rows are so much cheaper in batches that the way through a thread is worth it.

    Measured by calls with one row and with several, the quickest of some each.

    Args:
        predict: Outputs of rows; called a few times, and warm.
        row: A checked row.
    """
    alone = _quickest(predict, [row])
    if alone < _LEAST_S:
        return False
    return _quickest(predict, [row] * _TRIAL_ROWS) * _GAIN < alone * _TRIAL_ROWS


def _quickest(predict: Callable[[Rows], Outputs], rows: Rows) -> float:
    times = []
    for _ in range(_TRIALS):
        started = perf_counter()
        predict(rows)
        times.append(perf_counter() - started)
    return min(times)
