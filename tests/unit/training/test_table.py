from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.training.table import prepare

if TYPE_CHECKING:
    from collections.abc import Callable


def test_prepared_table_tells_what_it_left_out_and_why(make_table: Callable[..., pl.DataFrame]) -> None:
    frame = make_table().with_columns(
        pl.lit(1).alias("one"), pl.int_range(pl.len()).alias("row"), (pl.int_range(pl.len()) % 30).alias("site")
    )
    table = prepare(frame, target="y", groups="site", exclude=["is_new"])

    assert [(column.name, column.reason) for column in table.dropped] == [
        ("is_new", "excluded"),
        ("one", "constant: 1 in every row"),
        ("row", "an identifier: counts the rows"),
        ("site", "groups the rows"),
    ]
    assert table.groups is not None
    assert table.inputs.columns == [column.name for column in table.signature.inputs]
    assert table.inputs.columns == ["size (m²)", "__x", "a.b 'c' \"d\"", "borough", "planned"]


@pytest.mark.parametrize(("groups", "exclude"), [("Borough ", ()), (None, ("Boroug",))])
def test_named_column_that_is_absent_is_refused_with_the_closest(
    make_table: Callable[..., pl.DataFrame], groups: str | None, exclude: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInputError, match="Did you mean 'borough'"):
        prepare(make_table(), target="y", groups=groups, exclude=exclude)


def test_table_with_nothing_to_learn_from_is_refused_with_the_reasons() -> None:
    frame = pl.DataFrame({"a": [1] * 40, "y": [True, False] * 20})

    with pytest.raises(InvalidInputError, match="'a': constant: 1 in every row"):
        prepare(frame, target="y")
    with pytest.raises(InvalidInputError, match="it has no other column"):
        prepare(frame.select("y"), target="y")
