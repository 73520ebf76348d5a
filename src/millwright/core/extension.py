"""What installed packages add: entry points, looked up once."""

from __future__ import annotations

import importlib.metadata
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def entry_points(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, in the order in which packages are found.

    Finding them reads what every installed package says of itself, some 10 ms: done once as long as `sys.path` stays
    the same. A package that is installed meanwhile is seen by the next process.
    """
    return _found(group, tuple(sys.path))


@lru_cache(maxsize=64)
def _found(group: str, _: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    return tuple(importlib.metadata.entry_points(group=group))
