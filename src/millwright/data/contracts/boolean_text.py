"""Yes and no, as people write them."""

from __future__ import annotations

import polars as pl

TRUE = ("true", "t", "yes", "y", "on", "1")
FALSE = ("false", "f", "no", "n", "off", "0")


def parse_booleans(text: pl.Expr) -> pl.Expr:
    """Booleans from text without surrounding blanks, in any case; null where it is none of the known words."""
    folded = text.str.to_lowercase()
    return pl.when(folded.is_in(TRUE)).then(True).when(folded.is_in(FALSE)).then(False)
