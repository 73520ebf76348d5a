"""A part's process."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_URL = re.compile(r"https?://[^\s/]+:\d+")


class PartProcess:
    """A process whose output is told line by line.

    It is in a session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends all parts in order.
    It holds one end of a pipe to the supervisor as its standard input, and is to end when that closes.

    Args:
        words: The command.
        folder: Where it runs.
        tell: Called with each line of its output, from threads.
        environment: Variables, those of this process when None.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        folder: Path,
        tell: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.words = tuple(words)
        self._tell = tell
        self.url = ""
        self.ready = threading.Event()
        self.last_words = ""
        self._process = subprocess.Popen(
            self.words,
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
        self._readers = [
            threading.Thread(target=self._read, args=(stream, is_output), daemon=True, name=f"part-{self.pid}")
            for stream, is_output in ((self._process.stdout, True), (self._process.stderr, False))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Let it drain and end; asked again, some parts hurry."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, with what it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Wait for its last lines; it has ended."""
        self._process.wait()
        for reader in self._readers:
            reader.join(timeout=2.0)  # something that it started may still hold the pipe
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def _read(self, stream: IO[str] | None, is_output: bool) -> None:  # noqa: FBT001 - given by a thread
        if stream is None:
            return
        with stream:
            for line in stream:
                text = line.rstrip()
                if is_output and not self.ready.is_set():
                    found = _URL.search(text)
                    self.url = found.group() if found else ""
                    self.ready.set()
                elif text:
                    self.last_words = text
                    self._tell(text)
