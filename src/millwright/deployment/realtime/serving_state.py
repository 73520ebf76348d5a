"""What one server process serves, shared by its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.clock import Clock
    from millwright.deployment.realtime.arm import Arm, LineUp
    from millwright.deployment.realtime.log_writer import PredictionLogWriter
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.observer import Observer
    from millwright.deployment.realtime.process.shared_metrics import SharedMetrics
    from millwright.deployment.realtime.request_stats import RequestStats


class ServingState:
    """The model slots, the counters and the log of one process.

    Args:
        slots: See the attributes.
        clock: Tells the time.
        stats: Counts requests.
        log: See the attributes.
        max_rows: See the attributes.
        observers: See the attributes.

    Attributes:
        slots: At least one; the first answers the paths that name no model.
        log: Where predictions go; None when they are not logged.
        max_rows: Most rows that one request may hold.
        observers: Are told of each request that was answered.
        shared: What other processes of the same server count; None when there is this process only.
        draining: True from the moment the process was asked to stop: it is no longer ready.
    """

    def __init__(
        self,
        slots: tuple[ModelSlot, ...],
        *,
        clock: Clock,
        stats: RequestStats,
        log: PredictionLogWriter | None,
        max_rows: int,
        observers: tuple[Observer, ...] = (),
    ) -> None:
        self.slots = slots
        self.clock = clock
        self.stats = stats
        self.log = log
        self.max_rows = max_rows
        self.observers = observers
        self.shared: SharedMetrics | None = None
        self.draining = False

    def slot(self, name: str | None) -> ModelSlot:
        """Where the model is that a path names.

        Args:
            name: An endpoint or a registered model, the former first; None for the first slot.

        Raises:
            NotFoundError: Nothing of that name is served here.
        """
        if name is None:
            return self.slots[0]
        for slot in self.slots:
            if name == slot.endpoint:
                return slot
        for slot in self.slots:
            if name == slot.current.name:
                return slot
        known = [known for slot in self.slots for known in (slot.endpoint, slot.current.name)]
        raise NotFoundError(
            f"Expected a model that is served here, found '{name}'.",
            hint=closest(name, known),
            details={"model": name, "served": sorted(set(known))},
        )

    def named(self) -> list[tuple[str, ModelSlot]]:
        """All slots, each with a name that finds it: the model's, or the endpoint's where that finds another."""
        found = []
        for slot in self.slots:
            name = slot.current.name
            found.append((name if self.slot(name) is slot else slot.endpoint, slot))
        return found

    @staticmethod
    def arm(
        lineup: LineUp, version: str | None, headers: Sequence[tuple[bytes, bytes]] = (), request_id: str = ""
    ) -> Arm:
        """The arm of a line-up that answers a request.

        Args:
            lineup: The slot's at the moment.
            version: A version number as text that the path names; None when it names none.
            headers: The request's, for whoever divides them.
            request_id: Likewise.

        Raises:
            NotFoundError: No arm has that version.
        """
        if version is None:
            return lineup.primary if lineup.chooser is None else lineup.chooser.choose(headers, request_id)
        found = lineup.by_version.get(version)
        if found is None:
            name, known = lineup.primary.served.name, list(lineup.by_version)
            raise NotFoundError(
                f"Expected a version of '{name}' that is served here, found '{version}'.",
                hint=f"Version {known[0]} is." if len(known) == 1 else f"Versions {', '.join(known)} are.",
                details={"model": name, "version": version, "served": known[0] if len(known) == 1 else known},
            )
        return found
