"""What handlers read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from millwright.storage.catalog import Stores

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.monitor import MonitorReportRecord


class Resolver(Protocol):
    """Finds the version that a selector means; the registry does."""

    def resolve(self, selector: str) -> ModelVersionRecord:
        """The version that `name@alias`, `name@3` or `name` means."""
        ...


class ReportReader(Protocol):
    """Reads the full JSON of a monitoring report; the monitor does."""

    def read_document(self, report: MonitorReportRecord) -> dict[str, Any]:
        """The report's document."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the application is built from.

    Attributes:
        stores: Every record.
        registry: Knows what a selector means.
        monitor: Knows a report's document.
    """

    stores: Stores
    registry: Resolver
    monitor: ReportReader


# How a handler asks for it; the application provides it under the name `services`.
FromApp: TypeAlias = NamedDependency[SkipValidation[Services]]
