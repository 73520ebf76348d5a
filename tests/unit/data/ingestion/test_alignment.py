from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from millwright.data.ingestion.alignment import aligned


@pytest.mark.parametrize(
    ("values", "there", "dtype"),
    [
        ([None, None], pl.Int64(), pl.Int64),
        ([1, None], pl.Float64(), pl.Float64),
        ([2**53 + 1], pl.Float64(), pl.Int64),
        ([1, 2], pl.Int32(), pl.Int32),
        ([2**40], pl.Int32(), pl.Int64),
        ([Decimal("1.5")], pl.Decimal(38, 2), pl.Decimal(38, 2)),
        ([Decimal("1.25"), None], pl.Decimal(38, 1), pl.Decimal(38, 2)),
        ([3], pl.Decimal(38, 1), pl.Decimal(38, 1)),
        ([1.5], pl.Int64(), pl.Float64),
        (["1"], pl.Int64(), pl.String),
        ([True], pl.Int64(), pl.Boolean),
    ],
)
def test_type_changes_only_where_every_value_stays(values: list[Any], there: pl.DataType, dtype: Any) -> None:
    frame = pl.DataFrame({"a": values, "other": [1] * len(values)})
    fitted = aligned(frame, {"a": there, "absent": pl.String()})
    assert fitted.schema == {"a": dtype, "other": pl.Int64}
    assert fitted["a"].to_list() == values
