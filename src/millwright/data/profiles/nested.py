"""What lies in lists and records: their values as columns of plain ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAMPLE = 10_000  # rows, as for plain columns


def leaves(column: pl.Series) -> Iterator[pl.Series]:
    """The plain values in a column of lists or records, of at most 10,000 rows taken evenly; others give themselves.

    A field of a record is named as it is there, elements of a list as the list is.

    >>> people = pl.Series("person", [{"mail": "a@b.org", "phones": ["1", "2"]}])
    >>> [(leaf.name, leaf.to_list()) for leaf in leaves(people)]
    [('mail', ['a@b.org']), ('phones', ['1', '2'])]
    """
    yield from _leaves(column.gather_every(max(1, -(-column.len() // _SAMPLE))))


def _leaves(column: pl.Series) -> Iterator[pl.Series]:
    if isinstance(column.dtype, pl.Struct):
        for field in column.dtype.fields:
            yield from _leaves(column.struct.field(field.name))
    elif isinstance(column.dtype, (pl.List, pl.Array)):
        yield from _leaves(column.explode())
    else:
        yield column
