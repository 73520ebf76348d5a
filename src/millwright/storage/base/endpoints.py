"""Endpoints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.records.prediction import EndpointRecord


class EndpointStore(ABC):
    """Which endpoints exist and what answers there."""

    @abstractmethod
    def put(self, record: EndpointRecord) -> None:
        """Add or replace an endpoint."""

    @abstractmethod
    def find(self, name: str) -> EndpointRecord | None:
        """The endpoint of that name."""

    @abstractmethod
    def list(self) -> list[EndpointRecord]:
        """All endpoints, by name."""
