"""What is computed once of a reference and asked for by each window that is compared with it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

_MOST = 16


class Kept:
    """Values by key, at most 16 of them: of more, the one that was asked for longest ago is made again.

    Safe for threads; two that ask for the same value at once get one.

    Example:
        >>> kept = Kept()
        >>> kept.get("forest", lambda: 1), kept.get("forest", lambda: 2)
        (1, 1)
    """

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}
        self._lock = threading.RLock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key; made when there is none.

        Args:
            key: Of what the value depends on beside the reference.
            make: Makes it; what it raises is raised, and nothing is kept.
        """
        with self._lock:
            value: T = self._found.pop(key) if key in self._found else make()
            self._found[key] = value
            if len(self._found) > _MOST:
                del self._found[next(iter(self._found))]
            return value
