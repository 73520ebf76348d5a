"""One column of a signature: what a caller may send under its name, or what the model answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_CATEGORIES = 1_000


class ColumnType(StrEnum):
    """The kinds of raw values."""

    NUMBER = "number"  # a finite float or integer
    INTEGER = "integer"  # an integer of 64 bits, or such a float (JSON clients write 3.0 for 3)
    BOOLEAN = "boolean"  # true or false; 0 and 1 are numbers, not booleans
    CATEGORY = "category"  # text from a small vocabulary
    DATE = "date"  # a date or a moment; in JSON as ISO 8601 text
    TEXT = "text"  # free text
    TENSOR = "tensor"  # an array of numbers, such as an image; in JSON as nested lists


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureColumn:
    """A column's name, type and what training saw in it.

    Attributes:
        name: As people wrote it; any text.
        required: False when a row may lack the column.
        may_be_null: Whether its value may be null; None: when it may be absent, too. Read `nullable`.
        default: A JSON value of the column's type, for rows that lack it (null when None), and for what a policy wants
            replaced.
        dtype: Of a number or integer that came in another type than float64 or int64, NumPy's name of that type. It
            tells clients what is enough; values are not held to its range. Of a tensor, the type of its elements, which
            they are brought to.
        shape: Of a `TENSOR`, the dimensions of one row's value, -1 where any is fine; else empty.
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
    may_be_null: bool | None = None
    default: Any = None
    dtype: str = ""
    shape: tuple[int, ...] = ()

    @property
    def nullable(self) -> bool:
        """Whether the value may be null."""
        return not self.required if self.may_be_null is None else self.may_be_null

    def to_json(self) -> dict[str, Any]:
        """As JSON values; what is as usual is left out, as in records that were written before it was known."""
        unusual = {
            "may_be_null": self.may_be_null,
            "default": self.default,
            "dtype": self.dtype or None,
            "shape": list(self.shape) or None,
        }
        return {
            "name": self.name,
            "type": self.type.value,
            "required": self.required,
            "categories": list(self.categories),
            "minimum": self.minimum,
            "maximum": self.maximum,
            **{name: value for name, value in unusual.items() if value is not None},
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
            may_be_null=data.get("may_be_null"),
            default=data.get("default"),
            dtype=data.get("dtype", ""),
            shape=tuple(data.get("shape", ())),
        )
