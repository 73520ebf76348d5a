"""What running steps print, readable by other processes of this machine until it is stored."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.ids import StepRunId

_LIMIT = 10 << 20  # bytes of a file; the stored log holds the end, too
_KEPT_S = 7 * 86400.0  # what a killed process left behind may be of use for some days


class LiveLogs:
    """A folder with a file for each step that is executing and has printed something.

    Files are written with secrets masked as far as they are known by then, and removed when the step has ended. What
    a killed process leaves is removed after a week.

    Args:
        folder: Where; made when it is first written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_ready = False

    def path(self, step_run_id: StepRunId) -> Path:
        """The file of an execution, whether it is there or not."""
        return self._folder / f"{step_run_id}.log"

    def read(self, step_run_id: StepRunId, start: int = 0) -> bytes:
        """What an execution has printed so far, from some byte on; nothing when there is no file."""
        try:
            with self.path(step_run_id).open("rb") as file:
                file.seek(start)
                return file.read()
        except OSError:
            return b""

    def append(self, step_run_id: StepRunId, text: str) -> None:
        """Add text to the file of an execution; a full disk or a folder that cannot be written is no error."""
        with suppress(OSError):
            if not self._is_ready:
                self._prepare()
            with self.path(step_run_id).open("ab") as file:
                if file.tell() < _LIMIT:
                    file.write(text.encode(errors="replace"))

    def remove(self, step_run_id: StepRunId) -> None:
        """The execution has ended."""
        with suppress(OSError):
            self.path(step_run_id).unlink(missing_ok=True)

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._is_ready = True
        for file in self._folder.glob("*.log"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > _KEPT_S:
                    file.unlink()
