"""Requests that never stop while the alias moves: whoever fails or mixes versions is seen."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.client import PredictionClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

_PAUSE_S = 0.01


class Traffic:
    """One row after the other, asked for in a thread until the context ends.

    Args:
        url: The server.
        rows: Rows to ask for, over and over.
    """

    def __init__(self, url: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self._url, self._rows = url, rows
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-traffic", daemon=True)
        self.answered: Counter[str] = Counter()
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        # One attempt only: a retry would hide exactly what is looked for.
        with PredictionClient(self._url, attempts=1) as client:
            position = 0
            while not self._stop.wait(_PAUSE_S):
                try:
                    answer = client.predict([self._rows[position % len(self._rows)]])
                    self.answered.update(answer.models)
                except Exception as error:  # noqa: BLE001 (a thread that died unseen would count no failures at all)
                    self.failures.append(str(error) or type(error).__name__)
                position += 1
