from __future__ import annotations

import signal
import threading
import time

import pytest

from millwright.pipelines.graph.spec import StepOptions
from millwright.pipelines.runner.attempt import deadline, wait_before


def test_waits_double_from_the_first_one_up_to_ten_minutes() -> None:
    options = StepOptions(retries=20)
    assert [wait_before(options, failed) for failed in (1, 2, 3)] == [0.2, 0.4, 0.8]
    assert wait_before(options, 20) == 600.0
    assert wait_before(StepOptions(retry_wait_s=5.0), 2) == 10.0


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
