from __future__ import annotations

import pytest

from millwright.cli.option import column_names


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (None, ()),
        ([], ()),
        (["id"], ("id",)),
        (["region, day"], ("region", "day")),
        (["region", "day"], ("region", "day")),
        (["a b,c", "d"], ("a b", "c", "d")),
        (['"cost, total",id'], ("cost, total", "id")),
        (["", " , "], ()),
    ],
)
def test_columns_are_named_together_or_one_by_one(words: list[str] | None, names: tuple[str, ...]) -> None:
    assert column_names(words) == names
