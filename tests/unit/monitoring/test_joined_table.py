from __future__ import annotations

import polars as pl

from millwright.monitoring.joined_table import joined


def test_tables_are_joined_with_room_for_the_values_of_all():
    parts = [
        pl.DataFrame({"a": [1], "b": ["x"], "v": [[1.0, 2.0]]}),
        pl.DataFrame({"a": [1.5], "c": [True], "v": ["none"]}),
        pl.DataFrame({"a": [None], "v": [None]}),
    ]
    found = joined(parts)
    assert found["a"].to_list() == [1.0, 1.5, None]
    assert found["b"].to_list() == ["x", None, None]
    assert found["v"].to_list() == ["[1.0, 2.0]", "none", None]
