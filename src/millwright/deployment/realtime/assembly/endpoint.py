"""One model of a serving process: its slot, who follows its selector and its rollout, and its record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.clock import Clock
from millwright.core.records.model import ModelVersionRecord
from millwright.deployment.realtime.log_writer import LogOptions
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.presence import EndpointPresence
from millwright.deployment.realtime.process.agreement import Agreement, Alone
from millwright.deployment.realtime.served_model import ServedModel
from millwright.deployment.realtime.traffic.joining import TrafficStores, join_rollouts
from millwright.deployment.realtime.watcher import Resolver, SelectorWatcher
from millwright.deployment.traffic.control import Promoter

if TYPE_CHECKING:
    from millwright.deployment.realtime.process.workers import Share
    from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions
    from millwright.storage.base import ArtifactStore


class ServingStores(TrafficStores, Protocol):
    """The stores that serving needs."""

    @property
    def artifacts(self) -> ArtifactStore:
        """Holds the packages."""
        ...

    def close(self) -> None:
        """Close the connections that are open; what is used again opens new ones."""
        ...


class ServingRegistry(Resolver, Promoter, Protocol):
    """The part of the registry that serving needs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointParts:
    """What endpoints work with.

    Attributes:
        stores: See `serve`.
        registry: See `serve`.
        clock: See `serve`.
        load: Loads, tries and warms up a version.
    """

    stores: ServingStores
    registry: ServingRegistry
    clock: Clock
    load: Callable[[ModelVersionRecord], ServedModel]


class ServedEndpoint:
    """One model of a process.

    Args:
        choice: What is served.
        options: See `serve`.
        parts: What it works with.
        share: What the process has in common with others; None when it is the only one.

    Attributes:
        slot: What answers.
        rollouts: Follows the rollout.
        watcher: Follows the selector.
        presence: Keeps the endpoint's record.
    """

    def __init__(self, choice: ServedChoice, options: ServeOptions, parts: EndpointParts, share: Share | None) -> None:
        name = choice.name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._called = asyncio.Event()
        agreement: Agreement = Alone() if share is None else share.ballot(name, self._wake, lambda: self._loop)
        # Who comes later begins with what the others serve, whatever the alias says: it may name a refused version.
        selector = choice.selector if share is None else share.versions.get(name, choice.selector)
        self.slot = ModelSlot(name, parts.load(parts.registry.resolve(selector)))
        settings: dict[str, Any] = {"durable": options.durable_log, "log_predictions": options.log_predictions}
        if options.home:
            settings["home"] = options.home
        self.presence = EndpointPresence(
            parts.stores.endpoints,
            self.slot,
            clock=parts.clock,
            selector=choice.selector,
            settings=settings,
            owner="" if share is None else share.owner,
        )
        log = LogOptions(flush_s=options.log_flush_seconds, max_rows=options.log_max_rows)
        self._parts = parts
        self.rollouts = join_rollouts(
            self.slot,
            parts.load,
            stores=parts.stores,
            registry=parts.registry,
            clock=parts.clock,
            log=log if options.log_predictions else None,
        )
        self.watcher = SelectorWatcher(
            self.slot,
            choice.selector,
            resolver=parts.registry,
            load=self.rollouts.load,
            changed=self.presence.update,
            take_over=self.rollouts.take_over,
            agreement=agreement,
        )

    def begin_with(self, ref: str) -> None:
        """Before the first request: load what the other processes serve, if that is something else."""
        if self.slot.current.ref != ref:
            self.rollouts.take_over(self._parts.load(self._parts.registry.resolve(ref)))

    def begin(self) -> None:
        """Before the first request: load what the rollout asks for, so that a routing key has the arm of before."""
        self.rollouts.begin()

    def look(self) -> None:
        """Look once at the rollout and the alias; waits for other processes where all are to switch."""
        self.rollouts.look(self.watcher)

    async def follow(self, poll_s: float) -> None:
        """Follow the rollout and the alias, until cancelled.

        Args:
            poll_s: Pause between two looks, in seconds; other processes may call for one before that.
        """
        self._loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), poll_s)
            self._called.clear()
            await asyncio.to_thread(self.look)

    def _wake(self) -> None:
        """Other processes prepare a version: look at once."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._called.set)
