"""Tables below each other whose columns may differ in name and type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Tables below each other: columns of all of them, of a type that has room for the values of all."""
    if len(frames) == 1:
        return frames[0]
    nested: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            if dtype != pl.Null:
                nested.setdefault(name, set()).add(dtype)
    # What has no type in common but text is JSON text, as within a segment.
    odd = [name for name, kinds in nested.items() if len(kinds) > 1 and any(kind.is_nested() for kind in kinds)]
    return pl.concat([_as_text(frame, odd) for frame in frames], how="diagonal_relaxed")


def _as_text(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    found: Mapping[str, pl.Series] = {
        name: pl.Series(
            name,
            [None if value is None else value if isinstance(value, str) else json.dumps(value) for value in frame[name]
             .to_list()],
            dtype=pl.String,
        )
        for name in names
        if name in frame.columns
    }  # fmt: skip
    return frame.with_columns(*found.values()) if found else frame
