from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import polars as pl
import pytest

from millwright.data.profiles import profile


def column(values: Any) -> Any:
    return profile(pl.DataFrame({"a": pl.Series(values)})).columns[0]


@pytest.mark.parametrize(
    ("values", "summary"),
    [
        ([1, 2_000], "1 to 2,000, mean 1,000"),
        ([1.0, 0.5], "0.5 to 1, mean 0.75"),
        ([date(2024, 1, 1), date(2024, 2, 1)], "2024-01-01 to 2024-02-01"),
        (["a", "a", "a", "b", None], "a (75%), b (25%)"),
        (["a", "b", "c", "d"], "a (25%), b (25%), c (25%), …"),
        (["a"] * 999 + ["b"], "a (100%), b (<1%)"),
        ([1.5, 202_995_000.0], "1.5 to 202,995,000, mean 101,497,501"),
        ([True, False], "False (50%), True (50%)"),
        (["x" * 40], f"{'x' * 29}… (100%)"),
        ([f"id-{number}" for number in range(30)], "identifiers"),
        ([None, None], "no values"),
        ([[1]], ""),
    ],
)
def test_summary_says_the_values_in_a_few_words(values: list[Any], summary: str) -> None:
    assert column(values).summary() == summary


def test_profile_is_json_and_finds_columns() -> None:
    frame = pl.DataFrame({"a": [1.5, float("inf")], "t": [datetime(2024, 1, 1, tzinfo=UTC)] * 2, "c": ["x", None]})
    found = profile(frame)
    decoded = msgspec.json.decode(msgspec.json.encode(found))
    assert decoded["columns"][1]["minimum"] == "2024-01-01T00:00:00+00:00"
    assert found.column("c").nulls == 1
    with pytest.raises(KeyError):
        found.column("z")
