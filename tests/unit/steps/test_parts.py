from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.steps.parts import partitions

if TYPE_CHECKING:
    from millwright.pipelines.context import StepContext

TABLE = pl.DataFrame({"site": ["b", None, "a", "b"], "row": [1, 2, 3, 4]})


def test_rows_with_the_same_values_are_a_part(ctx: StepContext) -> None:
    found = partitions.function(ctx, TABLE, ["site"])
    assert [part["row"].to_list() for part in found] == [[2], [3], [1, 4]]
    assert ctx.facts == {"parts": 3, "rows": 4}


def test_table_without_rows_has_no_parts(ctx: StepContext) -> None:
    assert partitions.function(ctx, TABLE.clear(), ["site"]) == []


@pytest.mark.parametrize(("by", "message"), [(["cite"], "Expected a column 'cite'"), ([], "found none")])
def test_columns_must_be_there(ctx: StepContext, by: list[str], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        partitions.function(ctx, TABLE, by)
