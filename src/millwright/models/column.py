"""One column of a signature: what a caller may send under its name, or what the model answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ColumnType(StrEnum):
    """The kinds of raw values."""

    NUMBER = "number"  # a finite float or integer
    INTEGER = "integer"  # an integer of 64 bits, or such a float (JSON clients write 3.0 for 3)
    BOOLEAN = "boolean"  # true or false; 0 and 1 are numbers, not booleans
    CATEGORY = "category"  # text from a small vocabulary
    DATE = "date"  # a date or a moment; in JSON as ISO 8601 text
    TEXT = "text"  # free text


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureColumn:
    """A column's name, type and what training saw in it.

    Attributes:
        name: As people wrote it; any text.
        required: False when the value may be absent or null.
        categories: Of a `CATEGORY`, the values seen in training, most frequent first (at most 1,000); else empty.
        minimum: The smallest value seen: numbers in their own unit, dates in days since 1970-01-01; else None.
        maximum: The largest value seen, likewise.
    """

    name: str
    type: ColumnType
    required: bool = True
    categories: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "name": self.name,
            "type": self.type.value,
            "required": self.required,
            "categories": list(self.categories),
            "minimum": self.minimum,
            "maximum": self.maximum,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SignatureColumn:
        """From what `to_json` gave."""
        return cls(
            name=data["name"],
            type=ColumnType(data["type"]),
            required=data["required"],
            categories=tuple(data["categories"]),
            minimum=data["minimum"],
            maximum=data["maximum"],
        )
