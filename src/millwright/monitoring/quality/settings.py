"""What is looked at, and when it counts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from millwright.monitoring.quality.duplicate import Duplicate
from millwright.monitoring.quality.freshness import Freshness
from millwright.monitoring.quality.new_category import NewCategory
from millwright.monitoring.quality.out_of_range import OutOfRange
from millwright.monitoring.quality.schema_change import SchemaChange
from millwright.monitoring.quality.type_change import TypeChange
from millwright.monitoring.quality.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.monitoring.quality.check import QualityCheck


@dataclass(frozen=True, kw_only=True, slots=True)
class QualitySettings:
    """The checks of data quality; None leaves one out. Missing values have settings of their own."""

    types: TypeChange | None = field(default_factory=TypeChange)
    ranges: OutOfRange | None = field(default_factory=OutOfRange)
    categories: NewCategory | None = field(default_factory=NewCategory)
    schema: SchemaChange | None = field(default_factory=SchemaChange)
    duplicates: Duplicate | None = field(default_factory=Duplicate)
    volume: Volume | None = field(default_factory=Volume)
    freshness: Freshness | None = field(default_factory=Freshness)

    def checks(self) -> Iterator[QualityCheck]:
        """Those that are not left out, in the order in which reports tell them."""
        for each in fields(self):
            check = getattr(self, each.name)
            if check is not None:
                yield check
