"""The real-time server of the demonstration: a process of its own, as in real life."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from millwright.core.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from millwright.storage.base import EndpointStore

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 30.0


class Service:
    """`mw serve MODEL@champion --port 0` in a folder, from the start of a context to its end.

    Args:
        folder: The workspace.
        selector: What to serve.
        endpoint: The endpoint's name.
        endpoints: Where the server announces itself.
    """

    def __init__(self, folder: Path, selector: str, endpoint: str, *, endpoints: EndpointStore) -> None:
        self._command = [
            sys.executable, "-m", "millwright", "--workspace", str(folder),
            "serve", selector, "--port", "0", "--endpoint", endpoint,
        ]  # fmt: skip
        self._log = folder / "server.log"
        self._endpoint = endpoint
        self._endpoints = endpoints
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start, and wait until it answers.

        Raises:
            ServiceUnavailableError: It ended, or was not ready in time; its log is named.
        """
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            self.url = self._wait_until_announced(self._process)
        except BaseException:  # Ctrl-C, too: a context that was not entered is not left, and the process would stay
            self.stop()
            raise
        return self

    def serving_version(self) -> int | None:
        """The version that answers now."""
        record = self._endpoints.find(self._endpoint)
        return record.serving_version if record else None

    def wait_for_version(self, version: int, *, timeout_s: float = 15.0) -> bool:
        """Whether a version answers before the time is over."""
        deadline = time.monotonic() + timeout_s
        while self.serving_version() != version:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def stop(self) -> None:
        """Ask it to drain and leave; kill it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_announced(self, process: subprocess.Popen[bytes]) -> str:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while process.poll() is None and time.monotonic() < deadline:
            record = self._endpoints.find(self._endpoint)
            # The owner is `host:pid:start`: an entry that an earlier server left behind is not ours.
            if record is not None and f":{process.pid}:" in record.owner:
                return record.url
            time.sleep(0.05)
        raise ServiceUnavailableError("The server did not start.", hint=f"See {self._log}.")
