"""What is new in a source since it was read before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from millwright.data.sources.request import SourceFile


@dataclass(frozen=True, kw_only=True, slots=True)
class Increment:
    """New rows, and how far they bring the reader.

    Attributes:
        frame: Rows that were not read before; may be none.
        removed: Rows that the source had and has no more; None where sources of the kind only grow.
        position: What to remember once the rows are recorded, JSON values.
        uri: The source without credentials.
        format: Of the source.
        files: That the rows came from.
    """

    frame: pl.DataFrame
    position: Mapping[str, Any]
    uri: str
    format: str
    removed: pl.DataFrame | None = None
    files: tuple[SourceFile, ...] = ()
