from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from millwright.pipelines.fingerprint.table import table_digest


@pytest.mark.parametrize(
    ("value", "same", "other"),
    [
        (pl.DataFrame({"a": [1, 2]}), pl.concat([pl.DataFrame({"a": [n]}) for n in (1, 2)]), pl.DataFrame({"a": [1]})),
        (pl.Series("a", [1]), pl.Series("a", [1]), pl.Series("b", [1])),
        (pa.table({"a": [1]}), pa.table({"a": [1]}), pa.table({"a": [1.0]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[5])),
        (pd.Series([1]), pd.Series([1]), pd.Series([2])),
        (scipy.sparse.eye(3, format="csr"), scipy.sparse.eye(3, format="csr"), scipy.sparse.eye(4, format="csr")),
    ],
)
def test_what_a_table_holds_counts_and_nothing_else(value: Any, same: Any, other: Any) -> None:
    assert table_digest(value) == table_digest(same) != table_digest(other)
    assert table_digest(value)


@pytest.mark.parametrize("value", [3, "a", np.zeros(2), pl.col("a"), pd.DataFrame({"a": [object()]})])
def test_other_values_have_none(value: Any) -> None:
    assert table_digest(value) == ""
