from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError, StorageError
from millwright.pipelines.graph.spec import StepOptions
from millwright.pipelines.runner.attempt import attempt, deadline


def failing(times: int, error: Exception) -> Any:
    left = [times]

    def call() -> str:
        if left[0]:
            left[0] -= 1
            raise error
        return "done"

    return call


def run(call: Any, **options: Any) -> tuple[Any, list[int], list[float]]:
    told: list[int] = []
    slept: list[float] = []
    result = attempt(call, StepOptions(**options), on_retry=lambda number, _: told.append(number), sleep=slept.append)
    return result, told, slept


def test_call_is_repeated_after_longer_and_longer_waits() -> None:
    assert run(failing(3, OSError()), retries=3) == ("done", [1, 2, 3], [0.2, 0.4, 0.8])


def test_wait_never_exceeds_half_a_minute() -> None:
    assert max(run(failing(12, OSError()), retries=12)[2]) == 30.0


def test_last_error_is_raised_when_retries_are_used_up() -> None:
    with pytest.raises(OSError, match="away"):
        run(failing(2, OSError("away")), retries=1)


def test_mistake_in_the_input_is_not_repeated() -> None:
    with pytest.raises(InvalidInputError):
        run(failing(1, InvalidInputError("wrong")), retries=5)


def test_trouble_of_a_store_is_repeated() -> None:
    assert run(failing(1, StorageError("busy")), retries=1)[0] == "done"


def test_deadline_stops_code_that_takes_too_long() -> None:
    before = signal.getsignal(signal.SIGALRM)
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"took longer than 0\.05 s"), deadline(0.05):
        time.sleep(5)
    assert time.monotonic() - began < 2
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_deadline_leaves_quick_code_and_other_timers_alone() -> None:
    signal.setitimer(signal.ITIMER_REAL, 100)
    try:
        with deadline(50):
            pass
        assert 90 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    with deadline(None):
        pass


def test_deadline_in_another_thread_is_told_at_the_end() -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with deadline(0.01):
                time.sleep(0.05)
        except TimeoutError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [str(error) for error in errors] == ["took longer than 0.01 s"]


def test_attempt_that_takes_too_long_is_repeated() -> None:
    pauses = [5.0, 0.0]

    def call() -> str:
        time.sleep(pauses.pop(0))
        return "done"

    assert run(call, retries=1, timeout_s=0.05)[0] == "done"
