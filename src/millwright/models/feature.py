"""One encoded column: what the estimator sees of a raw column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MISSING_CODE, OTHER_CODE, FIRST_CODE = 0.0, 1.0, 2.0


class Part(StrEnum):
    """Which side of a raw column an encoded column shows."""

    VALUE = "value"  # a number, or a boolean as 0 and 1; null is NaN
    MISSING = "missing"  # 1 where the raw value is null, else 0
    CODE = "code"  # a category's code: 0 missing, 1 other, 2… the categories in their order
    DAYS = "days"  # days since 1970-01-01 UTC with the time of day as fraction; null is NaN
    MONTH = "month"  # 1-12; null is NaN
    WEEKDAY = "weekday"  # 1 (Monday)-7; null is NaN
    LENGTH = "length"  # characters of a text; null is NaN


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodedColumn:
    """An encoded column and how it comes from its source.

    Attributes:
        name: For people; unique unless a raw name imitates one, which does no harm: estimators go by position.
        source: The raw column.
        low: Smallest value let through; smaller ones become it.
        high: Largest value let through, likewise.
        categories: Of a `CODE`, the categories that have a code of their own.
    """

    name: str
    source: str
    part: Part
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "name": self.name,
            "source": self.source,
            "part": self.part.value,
            "low": self.low,
            "high": self.high,
            "categories": list(self.categories),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EncodedColumn:
        """From what `to_json` gave."""
        return cls(
            name=data["name"],
            source=data["source"],
            part=Part(data["part"]),
            low=data["low"],
            high=data["high"],
            categories=tuple(data["categories"]),
        )
