from __future__ import annotations

from typing import Any

import polars as pl


def test_examples_are_the_first_rows_that_a_mask_holds_for(rows: Any, subject: Any):
    window = subject(rows(30))
    mask = pl.Series([False, None, *[True] * 28])
    assert window.examples(mask) == tuple(f"id-{number}" for number in range(2, 12))
