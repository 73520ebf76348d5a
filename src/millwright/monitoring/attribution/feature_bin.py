"""A feature of both sides cut into the same parts.

Numbers are cut at the fifths of the reference, so that each part has rows to judge by; categories are the reference's
twelve most frequent ones, the rarer ones together, those never seen before, and missing values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.data.profiles.measuring import suspected
from millwright.data.profiles.record import HIDDEN
from millwright.evaluation.metrics.sample import Codes
from millwright.monitoring.statistics.column import ColumnKind
from millwright.monitoring.statistics.cut import Cut, cell_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.monitoring.monitored_column import MonitoredColumn

_PARTS = 5
_CATEGORIES = 12


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FeatureBins:
    """One feature, cut.

    Attributes:
        labels: What each part holds, b of them. Without values where they are suspected to be personal data.
        reference: (n,) which part each row of the reference is in.
        current: (m,) the same of the window.
    """

    labels: tuple[str, ...]
    reference: Codes
    current: Codes


def cut_feature(column: MonitoredColumn, reference: pl.Series, current: pl.Series) -> FeatureBins:
    """Cut a feature.

    Args:
        column: Which one.
        reference: Its n conformed values in the reference.
        current: Its m conformed values in the window.
    """
    sides = [column.view(reference), column.view(current)]
    if column.kind is ColumnKind.NUMERIC:
        labels, codes = _numbers(*sides)
    else:
        labels, codes = _categories(*sides)
    if any(suspected(side.alias(column.name)) for side in (reference, current)):
        labels = [f"{HIDDEN} {number}" for number in range(1, len(labels))] + labels[-1:]
    return FeatureBins(labels=tuple(labels), reference=codes[0], current=codes[1])


def _numbers(reference: pl.Series, current: pl.Series) -> tuple[list[str], list[Codes]]:
    sides = [side.cast(pl.Float64).fill_null(float("nan")).to_numpy() for side in (reference, current)]
    known = np.sort(sides[0][np.isfinite(sides[0])])
    edges = np.unique(known[np.arange(1, _PARTS) * known.size // _PARTS]) if known.size else np.empty(0)
    labels = cell_labels([Cut(float(edge), closed=True) for edge in edges])
    codes = [
        np.where(np.isfinite(side), np.searchsorted(edges, side, side="left"), len(labels)).astype(np.int64)
        for side in sides
    ]
    return [*labels, "<missing>"], codes


def _categories(reference: pl.Series, current: pl.Series) -> tuple[list[str], list[Codes]]:
    sides = [side.cast(pl.String).alias("value") for side in (reference, current)]
    counted = sides[0].drop_nulls().value_counts().sort(["count", "value"], descending=[True, False])["value"]
    kept, rarer = counted[:_CATEGORIES].to_list(), counted[_CATEGORIES:].to_list()
    place = {value: number for number, value in enumerate(kept)} | dict.fromkeys(rarer, len(kept))
    new, missing = len(kept) + 1, len(kept) + 2
    codes = [_placed(side, place, new=new, missing=missing) for side in sides]
    return [*kept, "<other>", "<new>", "<missing>"], codes


def _placed(values: pl.Series, place: Mapping[str, int], *, new: int, missing: int) -> Codes:
    codes = values.replace_strict(list(place), list(place.values()), default=new, return_dtype=pl.Int64).to_numpy()
    return np.where(values.is_null().to_numpy(), missing, codes).astype(np.int64)
