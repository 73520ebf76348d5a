"""Digests of the code that a pipeline's steps reach, for triggers on code."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.ids import Digest
from millwright.workspace.worker.order import End, Order, Task
from millwright.workspace.worker.slot import perform_apart

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from millwright.core.forking.forker import Forker
    from millwright.core.records.schedule import LaunchTarget, TriggerRecord

logger = logging.getLogger(__name__)

_PATIENCE_S = 120.0
_MOST_FILES = 20_000
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist", "venv"})


class CodeWatch:
    """Tells digests of code, and loads a project again only when a file of it changed.

    The project is loaded in a process apart: its modules run code when they are imported, and that must neither break
    nor change the worker. Not thread-safe.

    Args:
        folder: The workspace.
        overrides: Settings that were given by hand.
        forker: Starts the processes; without one, each loads all by itself.
    """

    def __init__(self, folder: Path, overrides: Mapping[str, Any] | None = None, forker: Forker | None = None) -> None:
        self._forker = forker
        self._folder = folder
        self._overrides = dict(overrides or {})
        self._known: dict[str, tuple[int, Digest | None]] = {}

    def digest_of(self, trigger: TriggerRecord) -> Digest | None:
        """The digest at present; None when this machine lacks the file, or its code cannot be loaded."""
        place = Path(trigger.target.pipeline.rpartition(":")[0])
        if not place.is_absolute() or not place.is_file():
            return None
        state = state_of(place.parent)
        known = self._known.get(trigger.name)
        if known is None or known[0] != state:
            known = (state, self.read(trigger.target))
            self._known[trigger.name] = known
        return known[1]

    def read(self, target: LaunchTarget) -> Digest | None:
        """The digest at present, whatever is known; None when the code cannot be loaded."""
        order = Order(
            task=Task.CODE,
            folder=str(self._folder),
            overrides=self._overrides,
            pipeline=target.pipeline,
            project_dir=target.project_dir,
            params=target.params,
        )
        child = perform_apart(order, _PATIENCE_S, self._forker)
        outcome = child.outcome
        if outcome is None or outcome.end is not End.DONE:
            said = outcome.error if outcome is not None else f"it ended with {child.exit_code}"
            logger.warning("The code of %s cannot be read: %s", target.pipeline, said)
            return None
        return Digest(outcome.digest)


def state_of(folder: Path) -> int:
    """A number that changes when a Python file below a folder does: by name, time and size."""
    found: list[tuple[str, int, int]] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED and not each.startswith("."))
        for file in files:
            if file.endswith(".py"):
                path = os.path.join(place, file)  # noqa: PTH118 - thousands of them, each second
                try:
                    stat = os.stat(path)  # noqa: PTH116
                except OSError:
                    continue
                found.append((path, stat.st_mtime_ns, stat.st_size))
        if len(found) > _MOST_FILES:
            break
    return hash(tuple(sorted(found)))
