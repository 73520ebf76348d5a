"""Marks what Millwright itself reads while a step executes, such as a file of secrets: no input of the step's."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _OfThread(threading.local):
    is_on = False


_of_thread = _OfThread()


@contextmanager
def own_reading() -> Iterator[None]:
    """A context in which what this thread reads is none of the step's doing; may be nested."""
    before = is_own_reading()
    _of_thread.is_on = True
    try:
        yield
    finally:
        _of_thread.is_on = before


def is_own_reading() -> bool:
    """Whether this thread is in such a context."""
    return _of_thread.is_on
