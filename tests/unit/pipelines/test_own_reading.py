from __future__ import annotations

import threading

import pytest

from millwright.pipelines.own_reading import is_own_reading, own_reading


def test_context_is_nested_and_ends_with_an_error() -> None:
    assert not is_own_reading()
    with own_reading():
        with own_reading():
            assert is_own_reading()
        assert is_own_reading()
    assert not is_own_reading()
    with pytest.raises(OSError, match="gone"), own_reading():
        raise OSError("gone")
    assert not is_own_reading()


def test_context_is_of_one_thread() -> None:
    seen: list[bool] = []
    with own_reading():
        thread = threading.Thread(target=lambda: seen.append(is_own_reading()))
        thread.start()
        thread.join()
    assert seen == [False]
