"""How many workers there are to be, by what they do at present.

    wanted = ⌈requests in flight / target per worker⌉        (as Kubernetes' and Knative's autoscalers reckon)

Up at once, as soon as the last moment's average asks for more; down one by one, when fewer would have done for a while,
with room to spare (hysteresis). With a target for the latency, too, a worker is added while the average is above it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.realtime.process.board import Standing

# Fewer workers have to do with this much of the target, so that one that is stopped is not missed at once.
_SPARE = 0.8
_PAUSE_S = 2.0  # from one start to the next: a new one has to show what it takes


@dataclass(frozen=True, kw_only=True, slots=True)
class ScalingOptions:
    """Bounds and targets.

    Attributes:
        least: Fewest workers; with 0 they all end when nobody asks, and the first caller waits for a start.
        most: Most workers, ≥ 1 and ≥ `least`.
        target_in_flight: Requests that one worker has in flight when it is well used, > 0.
        target_latency_s: Average time of a request that is still well, in seconds; 0 for any.
        calm_s: For how long fewer workers must have done before one is stopped, in seconds.
        idle_s: For how long nobody must have asked before the last one is stopped, in seconds.
    """

    least: int = 1
    most: int = 1
    target_in_flight: float = 4.0
    target_latency_s: float = 0.0
    calm_s: float = 30.0
    idle_s: float = 60.0

    @property
    def is_fixed(self) -> bool:
        """Whether there is nothing to decide."""
        return self.least == self.most


class Scaler:
    """Decides again and again; times are seconds of a clock that never goes back.

    Args:
        options: Bounds and targets.
        now: The time.
    """

    def __init__(self, options: ScalingOptions, now: float) -> None:
        self._options = options
        self._wanted = max(1, options.least)
        self._calm_since = now
        self._asked_at = now
        self._started_at = -math.inf
        self._answered: dict[int, int] = {}

    @property
    def wanted(self) -> int:
        """How many there are to be."""
        return self._wanted

    def is_called(self) -> None:
        """Somebody waits while there is no worker."""
        self._wanted = max(1, self._wanted)

    def look(self, standings: Sequence[Standing], now: float) -> int:
        """Decide by how the workers stand.

        Args:
            standings: Of those that take connections or leave; all zero for others.
            now: The time.

        Returns:
            How many there are to be.
        """
        options = self._options
        if self._has_asked(standings):
            self._asked_at = max(now, self._asked_at)
        taking = [each for each in standings if each.accepts]
        if not taking:
            self._calm_since = self._asked_at = now
            return self._wanted
        in_flight = sum(each.in_flight for each in taking)
        needed = math.ceil(in_flight / options.target_in_flight)
        slowest = max(each.latency_s for each in taking)
        if options.target_latency_s and slowest > options.target_latency_s and in_flight >= len(taking):
            needed = max(needed, len(taking) + 1)
        needed = min(max(needed, options.least, 1), options.most)
        if needed > self._wanted:
            if len(taking) >= self._wanted and now >= self._started_at + _PAUSE_S:
                self._wanted, self._started_at, self._calm_since = needed, now, now
        elif self._would_do(self._wanted - 1, in_flight, slowest):
            if now >= self._calm_since + options.calm_s:
                self._wanted, self._calm_since = self._wanted - 1, now
        else:
            self._calm_since = now
        if options.least == 0 and self._wanted == 1 and in_flight < 1 and now >= self._asked_at + options.idle_s:
            self._wanted = 0
        return self._wanted

    def _would_do(self, count: int, in_flight: float, slowest: float) -> bool:
        options = self._options
        if count < max(1, options.least):
            return False
        is_quick = not options.target_latency_s or slowest <= _SPARE * options.target_latency_s
        return is_quick and in_flight <= _SPARE * count * options.target_in_flight

    def _has_asked(self, standings: Sequence[Standing]) -> bool:
        """Whether a request was answered since the last look, or is in flight."""
        answered = {place: each.answered for place, each in enumerate(standings) if each.answered}
        has = any(count != self._answered.get(place, 0) for place, count in answered.items())
        self._answered = answered
        return has or any(each.in_flight >= 1 for each in standings)
