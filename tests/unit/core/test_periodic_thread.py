from __future__ import annotations

import logging
import threading

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.periodic_thread import PeriodicThread


class Count:
    """Counts its calls; raises what it is given, one each call."""

    def __init__(self, *errors: Exception) -> None:
        self.calls, self.threads, self._errors = 0, set(), list(errors)
        self.third = threading.Event()

    def __call__(self) -> None:
        self.calls += 1
        self.threads.add(threading.current_thread().name)
        if self.calls == 3:
            self.third.set()
        if self._errors:
            raise self._errors.pop(0)


def test_work_is_called_over_and_over_from_a_thread_of_that_name() -> None:
    count = Count()
    with PeriodicThread(count, 0.001, name="the-name", trouble="-"):
        assert count.third.wait(30)
    assert count.threads == {"the-name"}


def test_nothing_is_called_after_the_end() -> None:
    count = Count()
    with PeriodicThread(count, 0.001, name="-", trouble="-") as thread:
        assert count.third.wait(30)
        assert not thread.is_stopped
    calls = count.calls
    assert thread.is_stopped
    assert not threading.Event().wait(0.02)
    assert count.calls == calls


def test_first_call_waits_for_the_interval_and_the_end_does_not() -> None:
    count = Count()
    with PeriodicThread(count, 3600, name="-", trouble="-"):
        pass
    assert count.calls == 0


def test_first_call_comes_at_once_when_asked_for() -> None:
    called = threading.Event()
    with PeriodicThread(called.set, 3600, name="-", trouble="-", at_once=True):
        assert called.wait(30)


def test_error_of_ours_is_a_line_any_other_a_traceback_and_neither_is_the_end(caplog) -> None:
    count = Count(NotFoundError("no such thing"), ValueError("a mistake"))
    with caplog.at_level(logging.WARNING), PeriodicThread(count, 0.001, name="-", trouble="Leases wait"):
        assert count.third.wait(30)
    ours, other = caplog.records
    assert ours.getMessage() == "Leases wait: no such thing"
    assert ours.exc_info is None
    assert other.getMessage() == "Leases wait"
    assert "a mistake" in caplog.text


def test_work_may_end_it() -> None:
    ended = threading.Event()

    def work() -> None:
        thread.stop()
        ended.set()

    thread = PeriodicThread(work, 0.001, name="-", trouble="-")
    thread.start()
    assert ended.wait(30)
    assert thread.is_stopped


def test_start_when_it_runs_and_stop_when_it_does_not_do_nothing() -> None:
    thread = PeriodicThread(lambda: None, 0.001, name="-", trouble="-")
    with thread:
        thread.start()
    thread.stop()
    PeriodicThread(lambda: None, 0.001, name="-", trouble="-").stop()


def test_it_is_not_begun_twice() -> None:
    thread = PeriodicThread(lambda: None, 0.001, name="-", trouble="-")
    with thread:
        pass
    with pytest.raises(RuntimeError):
        thread.start()


def test_call_that_goes_on_is_waited_for_no_longer_than_patience() -> None:
    begun, go = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go.wait()

    with PeriodicThread(work, 0.001, name="-", trouble="-", patience_s=0):
        assert begun.wait(30)
    go.set()


def test_call_that_goes_on_is_waited_for_to_its_end() -> None:
    begun, go, ended = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        go.wait(30)
        ended.append(True)

    thread = PeriodicThread(work, 3600, name="-", trouble="-", at_once=True)
    thread.start()
    assert begun.wait(30)
    threading.Timer(0.05, go.set).start()
    thread.stop()
    assert ended


def test_nothing_is_called_by_a_thread_that_was_stopped_before_its_first_turn() -> None:
    for _ in range(200):
        count = Count()
        thread = PeriodicThread(count, 0.0, name="-", trouble="-", at_once=True)
        thread.start()
        thread.stop()
        calls = count.calls
        thread._thread.join(30)
        assert count.calls == calls


def test_thread_that_was_stopped_is_not_begun_again_while_it_is_about_to_end() -> None:
    for _ in range(50):
        thread = PeriodicThread(lambda: None, 3600, name="-", trouble="-")
        thread.start()
        thread.stop()
        with pytest.raises(RuntimeError):
            thread.start()
