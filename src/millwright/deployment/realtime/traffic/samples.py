"""Keeps what the arms predicted, to be counted off the hot path."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.deployment.realtime.arm import Arm
    from millwright.deployment.realtime.prediction import Prediction

_MOST = 50_000


class OutputSamples:
    """Takes the first row of each request that an arm has answered; those beyond 50,000 push out the oldest.

    One row only: rows that came together are alike, and would pass for more evidence than they are.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[Arm, Mapping[str, Any]]] = deque(maxlen=_MOST)

    def offer(self, arm: Arm, request_id: str, rows: Sequence[Mapping[str, object]], prediction: Prediction) -> None:
        """Take what was predicted; see `Mirror`."""
        del request_id, rows
        self._seen.append((arm, prediction.outputs[0]))

    def take(self) -> dict[Arm, list[Mapping[str, Any]]]:
        """What was predicted since the last time, by arm; from one thread."""
        found: dict[Arm, list[Mapping[str, Any]]] = {}
        for _ in range(len(self._seen)):  # what comes meanwhile is for the next time
            arm, outputs = self._seen.popleft()
            found.setdefault(arm, []).append(outputs)
        return found
