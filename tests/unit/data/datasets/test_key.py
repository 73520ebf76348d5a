from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.key import check_key


def test_key_that_identifies_every_row_is_taken() -> None:
    rows = pl.DataFrame({"a": [1, 1, 2], "b": ["x", "y", "x"]})
    check_key(rows, ("a", "b"))
    check_key(rows.clear(), ("a",))


@pytest.mark.parametrize(
    ("columns", "key", "told"),
    [
        ({"a": [1]}, (), "found none"),
        ({"cost": [1]}, ("costs",), "no column 'costs' of the key. Did you mean 'cost'"),
        ({"a": [[1]]}, ("a",), r"found List\(Int64\) in column 'a'"),
        ({"a": [1.0, float("nan"), None]}, ("a",), "found 2 rows without"),
        ({"a": [1, 1, 2], "b": ["x", "x", "x"]}, ("a", "b"), "found 2 rows that share theirs, such as a = 1, b = 'x'"),
    ],
)
def test_key_that_does_not_is_refused(columns: dict[str, list[object]], key: tuple[str, ...], told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        check_key(pl.DataFrame(columns), key)
