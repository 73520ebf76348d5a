"""Keys of wanted rows get the type of the view's."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.alignment import aligned_keys


@pytest.mark.parametrize(
    ("wanted", "known", "expected"),
    [
        (pl.Series("k", [1, 300]), pl.Series([1], dtype=pl.Int8), pl.Series([1, None], dtype=pl.Int8)),
        (pl.Series("k", ["a"], dtype=pl.Categorical), pl.Series(["b"]), pl.Series(["a"])),
        (pl.Series("k", [None]), pl.Series([], dtype=pl.Date), pl.Series([None], dtype=pl.Date)),
        (
            pl.Series("k", [datetime(2026, 1, 1)]),  # noqa: DTZ001 (naive on purpose)
            pl.Series([], dtype=pl.Datetime("us", "UTC")),
            pl.Series([datetime(2026, 1, 1, tzinfo=UTC)]),
        ),
    ],
)
def test_types_of_one_kind_become_one(wanted, known, expected) -> None:
    one, other = aligned_keys(wanted, known, "history")
    assert one.dtype == other.dtype == expected.dtype
    assert one.to_list() == expected.to_list()


def test_types_of_different_kinds_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"Expected String in the key 'k' .* of 'history', found Int64"):
        aligned_keys(pl.Series("k", [1]), pl.Series("b", ["x"]), "history")
