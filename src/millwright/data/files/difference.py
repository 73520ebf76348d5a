"""Two versions of a folder compared by path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesDifference:
    """What became of a folder's files; paths, sorted.

    Attributes:
        added: New ones.
        removed: Those that have gone.
        changed: Those with other bytes.
        moved: Former path → new path, for files with the same bytes elsewhere; they are in neither `added` nor
            `removed`. Where several have the same bytes, paths are paired in their order.
        unchanged: How many are the same.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    unchanged: int


def compare_files(former: pl.DataFrame, latter: pl.DataFrame) -> FilesDifference:
    """Compare two manifests.

    Args:
        former: Rows with `path` and `digest`; no path twice.
        latter: Likewise.
    """
    before = dict(former.select("path", "digest").iter_rows())
    after = dict(latter.select("path", "digest").iter_rows())
    gone: dict[str, list[str]] = {}
    for path in sorted(before.keys() - after.keys(), reverse=True):
        gone.setdefault(before[path], []).append(path)
    added, moved = [], []
    for path in sorted(after.keys() - before.keys()):
        if sources := gone.get(after[path]):
            moved.append((sources.pop(), path))
        else:
            added.append(path)
    shared = before.keys() & after.keys()
    changed = sorted(path for path in shared if before[path] != after[path])
    return FilesDifference(
        added=tuple(added),
        removed=tuple(sorted(path for paths in gone.values() for path in paths)),
        changed=tuple(changed),
        moved=tuple(sorted(moved)),
        unchanged=len(shared) - len(changed),
    )
