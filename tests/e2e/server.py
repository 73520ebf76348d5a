"""`mw serve` as a process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from e2e.workplace import PATIENCE_S

if TYPE_CHECKING:
    import subprocess
    from typing import Self

    from e2e.workplace import Workplace

_URL = re.compile(r"http://[\w.]+:\d+")


class Server:
    """A server on a free port, from the start of a context to its end, which it must reach with exit code 0.

    Args:
        workplace: Where the model is.
        selector: What to serve.
        endpoint: The endpoint's name; the model's when empty.
        options: Further words of the command.
    """

    def __init__(
        self, workplace: Workplace, selector: str, *, endpoint: str = "", options: tuple[str, ...] = ()
    ) -> None:
        self._workplace = workplace
        self._words = ("serve", selector, "--port", "0", *(("--endpoint", endpoint) if endpoint else ()), *options)
        self._process: subprocess.Popen[str] | None = None
        self._errors = ""
        self.url = ""

    def __enter__(self) -> Self:
        self._process = self._workplace.start(*self._words)
        assert self._process.stdout is not None
        found = _URL.search(self._process.stdout.readline())
        if found is None:
            raise AssertionError(f"The server did not start.\n{self._process.communicate(timeout=PATIENCE_S)}")
        self.url = found.group()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        _, self._errors = self._process.communicate(timeout=PATIENCE_S)
        assert self._process.returncode == 0, self._errors

    @property
    def pid(self) -> int:
        """Its process's number."""
        assert self._process is not None
        return self._process.pid

    def errors(self) -> str:
        """What it wrote to standard error; known when it has ended."""
        return self._errors
