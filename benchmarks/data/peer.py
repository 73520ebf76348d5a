"""A driver's process: what it is told, and what it answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Peer:
    """One driver, started on first use, in the environment of an interpreter of its own.

    Args:
        name: As the table calls it.
        python: The interpreter.
        script: The driver's file in this folder.
        folder: Where it works.
    """

    def __init__(self, name: str, python: str, script: str, folder: Path) -> None:
        self.name = name
        self._log = (folder / f"{Path(script).stem}.log").open("ab")
        self._process = subprocess.Popen(
            [python, str(Path(__file__).with_name(script)), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._answer()

    def ask(self, work: str, **arguments: Any) -> dict[str, Any]:
        """Have it do something; a failure over there is one here."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"work": work, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise RuntimeError(f"{self.name}, {work}: {answer['error']}")
        return answer

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended; see {self._log.name}.")
        return json.loads(line)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
