from __future__ import annotations

import multiprocessing
import os

import pytest

from millwright.server.auth.attempt import FREE, Attempts


def test_wait_begins_after_the_free_failures_and_doubles():
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(FREE):
        assert attempts.wait_s("a") == 0
        attempts.fail("a")
    waits = []
    for _ in range(10):
        waits.append(attempts.wait_s("a"))
        now[0] += waits[-1]
        assert attempts.wait_s("a") == 0
        attempts.fail("a")
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 300
    assert attempts.wait_s("b") == 0


def test_success_and_time_forget_failures():
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(FREE + 1):
        attempts.fail("a")
        attempts.fail("b")
    attempts.succeed("a")
    assert attempts.wait_s("a") == 0
    now[0] = 1000.0
    attempts.fail("b")
    assert attempts.wait_s("b") == 0


def test_memory_is_bounded_and_the_newest_are_kept():
    attempts = Attempts()
    for each in range(30_000):
        attempts.fail(str(each))
    for _ in range(FREE):
        attempts.fail("newest")
    assert attempts.wait_s("newest") > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_processes_that_were_forked_count_together():
    attempts = Attempts()
    children = [multiprocessing.get_context("fork").Process(target=_fail, args=(attempts, 50)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    found = attempts._find(attempts._trace("shared"))
    assert found is not None
    assert found.failures == 100
    assert attempts.wait_s("shared") > 0
    attempts.succeed("shared")
    assert attempts.wait_s("shared") == 0


def _fail(attempts: Attempts, times: int) -> None:
    for _ in range(times):
        attempts.fail("shared")
