from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType


@pytest.mark.parametrize(
    ("kind", "expectations", "message"),
    [
        ("string", {"minimum": 1}, "min is for"),
        ("number", {"minimum": date(2024, 1, 1)}, "min must be a number"),
        ("number", {"maximum": True}, "max must be a number"),
        ("number", {"maximum": float("inf")}, "max must be finite"),
        ("date", {"maximum": 5}, "max must be a date"),
        ("integer", {"minimum": 2, "maximum": 1}, "min must not be above max; found 2 and 1"),
        (
            "datetime",
            {"minimum": datetime(2024, 1, 2, tzinfo=UTC), "maximum": date(2024, 1, 1)},
            "min must not be above max",
        ),
        ("number", {"pattern": "x"}, "pattern is for"),
        ("string", {"pattern": "("}, "regular expression; found '\\('"),
        ("boolean", {"allowed": ("yes",)}, "allowed is for"),
        ("integer", {"allowed": ("1",)}, "values of type integer; found '1'"),
        ("string", {"allowed": (1,)}, "values of type string; found 1"),
        ("string", {"allowed": ("a",), "missing": ("a",)}, "'a' in both"),
        ("string", {"formats": ("M/D/YYYY",)}, "formats is for"),
        ("number", {"formats": ("thousand",)}, "Did you mean 'thousands'"),
        ("date", {"formats": ("M/D/Q",)}, "found 'Q' in 'M/D/Q'"),
        ("date", {"formats": ("M/D/YYYY H:mm",)}, "Use type: datetime"),
        ("datetime", {"formats": ("YYYY-MM-DD", "YYYY-MM-DDTHH:mmZ")}, "all have an offset"),
    ],
)
def test_expectation_that_cannot_hold_is_refused(kind: str, expectations: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        ColumnContract(name="a", type=ColumnType(kind), **expectations)


def test_column_of_codes_is_named_after_its_column() -> None:
    assert ColumnContract(name="cost", type=ColumnType.NUMBER).code_column == "cost__code"
