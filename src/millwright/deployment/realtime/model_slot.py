"""The place of one endpoint's model in a process: reading it and replacing what is in it are atomic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.arm import Arm, LineUp
from millwright.deployment.realtime.swap_stats import SwapStats
from millwright.deployment.realtime.traffic_stats import TrafficStats

if TYPE_CHECKING:
    from millwright.deployment.realtime.served_model import ServedModel


class ModelSlot:
    """What answers one endpoint.

    Args:
        endpoint: The endpoint's name.
        served: The version to begin with.

    Attributes:
        lineup: The arms at present; one assignment exchanges all of it. A request keeps the one that it began with.
        swaps: What became of the moves of what the endpoint follows.
        traffic: What became of requests that a rollout has divided or mirrored.
    """

    __slots__ = ("endpoint", "lineup", "swaps", "traffic")

    def __init__(self, endpoint: str, served: ServedModel) -> None:
        self.endpoint = endpoint
        self.lineup = LineUp(Arm(served))
        self.swaps = SwapStats()
        self.traffic = TrafficStats()

    @property
    def current(self) -> ServedModel:
        """The primary arm's version."""
        return self.lineup.primary.served

    def replace(self, served: ServedModel) -> None:
        """Let one version answer everything from now on."""
        self.lineup = LineUp(Arm(served))
