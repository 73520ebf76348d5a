from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from millwright.monitoring.kept import Kept


def test_value_is_made_once_however_many_threads_ask():
    kept, made = Kept(), []

    def make() -> int:
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: kept.get("forest", make), range(50))) == {1}
    assert kept.get("other", make) == 2


def test_value_that_was_asked_for_longest_ago_is_made_again():
    kept = Kept()
    for number in range(16):
        kept.get(number, lambda: "first")
    assert kept.get(0, lambda: "again") == "first"
    kept.get(16, lambda: "first")
    assert [kept.get(number, lambda: "again") for number in (0, 1)] == ["first", "again"]


def test_failure_is_raised_and_not_kept():
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("share", lambda: 1 // 0)
    assert kept.get("share", lambda: 1) == 1
