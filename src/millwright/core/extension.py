"""What installed packages add: entry points, looked up once."""

from __future__ import annotations

import importlib.metadata
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint, EntryPoints


def entry_points(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, in the order in which packages are found.

    Finding them reads what every installed package says of itself, some 10 ms: done once for all groups as long as
    `sys.path` stays the same. A package that is installed meanwhile is seen by the next process.
    """
    return _of_group(group, tuple(sys.path))


@lru_cache(maxsize=64)
def _of_group(group: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    return tuple(_found(path).select(group=group))


@lru_cache(maxsize=8)
def _found(_: tuple[str, ...]) -> EntryPoints:
    # Python 3.11 gives another type here, with the same `select`.
    return cast("EntryPoints", importlib.metadata.entry_points())
