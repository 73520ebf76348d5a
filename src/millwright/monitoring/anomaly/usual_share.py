"""Odd rows of a window beside those of the same part of the season.

A rare part of a season is odd by itself: the rows of one hour in the week may be most of the odd ones of the reference.
So their share is what is expected of the window, by the same score, which is learned from all of the reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.chi_square import chi_square_p

if TYPE_CHECKING:
    import polars as pl

    from millwright.monitoring.anomaly.row import RowAnomalies, UsualRows

_SURE = 0.01  # as of all of the reference


def beside_season(found: RowAnomalies | None, known: UsualRows | None, season: pl.DataFrame) -> RowAnomalies | None:
    """Hold the share of odd rows against that of the season.

    Args:
        found: Beside all of the reference.
        known: What was learned of that.
        season: Conformed rows of the same part of the season, at least one.

    Returns:
        The same with `expected`, `p_value` and `risen` beside the season; None where nothing was found out.
    """
    if found is None or known is None or not season.height:
        return found
    scores = known.score.score(known.encoder.encode(season, known.watched).astype(np.float64))
    usual = int((scores > 1).sum())
    odd = round(found.share * found.rows[1])
    p_value = chi_square_p(np.array([usual, season.height - usual]), np.array([odd, found.rows[1] - odd]))
    expected = usual / season.height
    return replace(
        found,
        expected=expected,
        p_value=max(p_value, found.p_value),
        risen=found.risen and found.share > expected and p_value < _SURE,
    )
