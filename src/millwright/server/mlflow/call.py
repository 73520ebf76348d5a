"""One request, as handlers see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.server.service import Services
from millwright.server.transfer import Transfers

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.registry.registry import Registry
    from millwright.storage.catalog import Stores

DEFAULT_PROJECT = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request to the wire.

    Attributes:
        services: What the application is built from.
        actor: Who calls, for the audit log: `user:ada`.
        path: What the route's path names, by parameter; percent-decoded once.
        query: The query's parameters in order, decoded.
        headers: By lower-case name; of repeated ones the last.
        project: The project that the caller works in.
        projects: The projects that the caller may see; None means all of them.
        scope: The ASGI scope, for streaming handlers.
        version: Of the wire: 2 or 3.
        transfers: Gives out addresses of this server.
    """

    services: Services
    actor: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    project: str = DEFAULT_PROJECT
    projects: Sequence[str] | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    version: int = 2
    transfers: Transfers = field(default_factory=Transfers)

    @property
    def stores(self) -> Stores:
        """Every record."""
        return self.services.stores

    @property
    def registry(self) -> Registry:
        """The registry, changing things in the caller's name."""
        return self.services.registry_as(self.actor)

    def now(self) -> datetime:
        """The time."""
        return self.services.clock.now()

    def argument(self, name: str, default: str = "") -> str:
        """The first value of a parameter of the query."""
        return next((value for key, value in self.query if key == name), default)
