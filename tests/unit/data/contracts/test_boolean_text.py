from __future__ import annotations

import polars as pl

from millwright.data.contracts.boolean_text import parse_booleans


def test_words_for_yes_and_no_are_read_in_any_case() -> None:
    values = ["true", "YES", "y", "1", "On", "False", "no", "N", "0", "off", "maybe", "2", None]
    read = pl.DataFrame({"a": values}).select(parse_booleans(pl.col("a"))).to_series().to_list()
    assert read == [True] * 5 + [False] * 5 + [None] * 3
