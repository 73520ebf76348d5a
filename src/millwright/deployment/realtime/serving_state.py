"""What one server process serves, shared by its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, closest

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.deployment.realtime.log_writer import PredictionLogWriter
    from millwright.deployment.realtime.request_stats import RequestStats
    from millwright.deployment.realtime.served_model import ModelSlot, ServedModel
    from millwright.deployment.realtime.swap_stats import SwapStats


class ServingState:
    """The model slots, the counters and the log of one process.

    Attributes:
        slots: At least one; the first answers the paths that name no model.
        log: Where predictions go; None when they are not logged.
        max_rows: Most rows that one request may hold.
        draining: True from the moment the process was asked to stop: it is no longer ready.
    """

    def __init__(
        self,
        slots: tuple[ModelSlot, ...],
        *,
        clock: Clock,
        stats: RequestStats,
        swaps: SwapStats,
        log: PredictionLogWriter | None,
        max_rows: int,
    ) -> None:
        self.slots = slots
        self.clock = clock
        self.stats = stats
        self.swaps = swaps
        self.log = log
        self.max_rows = max_rows
        self.draining = False

    def model(self, name: str | None, version: str | None) -> ServedModel:
        """The model version that a path names.

        Args:
            name: An endpoint or a registered model; None for the first.
            version: A version number as text; None for whichever answers at present.

        Raises:
            NotFoundError: Nothing of that name is served here, or another version of it is.
        """
        slot = self.slots[0] if name is None else self._slot(name)
        served = slot.current
        if version is not None and version != str(served.version):
            raise NotFoundError(
                f"Expected a version of '{served.name}' that is served here, found '{version}'.",
                hint=f"Version {served.version} is.",
                details={"model": served.name, "version": version, "served": str(served.version)},
            )
        return served

    def _slot(self, name: str) -> ModelSlot:
        for slot in self.slots:
            if name in (slot.endpoint, slot.current.name):
                return slot
        known = [known for slot in self.slots for known in (slot.endpoint, slot.current.name)]
        raise NotFoundError(
            f"Expected a model that is served here, found '{name}'.",
            hint=closest(name, known),
            details={"model": name, "served": sorted(set(known))},
        )
