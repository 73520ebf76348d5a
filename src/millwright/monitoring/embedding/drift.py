"""Tensors of a window beside those of the reference.

A column has drifted when its mean moved by more than is tolerated, or a domain classifier tells its rows apart by more
than is tolerated, **and** the permutation test of the maximum mean discrepancy rejects under Benjamini-Hochberg
control: size first, then a test, as for other columns. What is tolerated of the mean is at least what chunks of the
reference differ by: means of few rows in many dimensions are far apart by chance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.errors import MissingExtraError
from millwright.core.records.monitor import DriftRecord
from millwright.models.column import ColumnType
from millwright.monitoring.column_table import drawn_values
from millwright.monitoring.drift import ColumnDrift
from millwright.monitoring.embedding.distance import cosine_distance, discrepancy, mean_shift
from millwright.monitoring.embedding.settings import EmbeddingSettings
from millwright.monitoring.embedding.vector import tensor_vectors
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.joint import JointDrift, tell_apart
from millwright.monitoring.second_model import SEED
from millwright.monitoring.statistics import NumericColumn
from millwright.monitoring.threshold import Limits, chunk_values

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Floats
    from millwright.models.column import SignatureColumn
    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import Table

KIND = "tensor"
_KERNEL_ROWS = 500  # of each side, for the test
_DIMENSIONS = 32  # that a domain classifier looks at
_CLASSIFIER_ROWS = 200  # on each side, with fewer it tells nothing


def compare_tensors(
    reference: pl.DataFrame,
    current: Table,
    signature: Signature,
    settings: EmbeddingSettings | None = None,
) -> list[ColumnDrift]:
    """Compare a window's tensor columns with the reference's.

    Args:
        reference: Rows of the reference, with the tensor columns as `models.conform` gives them.
        current: Rows of the window, with these columns as the prediction log has them; absent ones are left out.
        signature: Of the version.
        settings: When they count as drifted.

    Returns:
        One result per tensor column that both sides have enough rows of, with the kind `tensor` and the scores
        `mean_shift`, `cosine`, `mmd` (the square of the maximum mean discrepancy) and `domain_auc`, as far as they are
        defined. Its bins hold the rows' distances from the reference's mean. Empty when it is switched off.
    """
    chosen = settings or EmbeddingSettings()
    if not chosen.enabled:
        return []
    compared = []
    for column in signature.inputs:
        if column.type is ColumnType.TENSOR and {column.name} <= {*reference.columns} & {*current.columns}:
            sides = _sides(reference, current, column, chosen)
            if sides is not None:
                compared.append((column.name, *sides))
    found = [_scored(x, y, chosen) for _, x, y in compared]
    rejected = benjamini_hochberg([p_value for _, p_value in found], chosen.false_discovery_rate)
    results = []
    for (name, x, y), (scores, p_value), agrees in zip(compared, found, rejected, strict=True):
        statistic, limit, above = _deciding(scores, _usual_shift(x, len(y), chosen), chosen)
        record = DriftRecord(
            column=name,
            kind=KIND,
            scores=scores,
            p_value=p_value,
            statistic=statistic,
            threshold=limit,
            drifted=agrees and above,
            reference_rows=len(x),
            current_rows=len(y),
        )
        center = x.mean(axis=0)
        distances = [pl.Series(np.linalg.norm(side - center, axis=1)) for side in (x, y)]
        results.append(ColumnDrift(record, False, NumericColumn(*distances).bins, {}))
    return results


def _sides(
    reference: pl.DataFrame, current: Table, column: SignatureColumn, settings: EmbeddingSettings
) -> tuple[Floats, Floats] | None:
    sides = []
    for table in (reference, current):
        drawn = drawn_values(table, column.name, settings.sample, seed=SEED)
        vectors = tensor_vectors(drawn, column)
        if len(vectors) < settings.min_rows:
            return None
        sides.append(vectors)
    return sides[0], sides[1]


def _scored(x: Floats, y: Floats, settings: EmbeddingSettings) -> tuple[dict[str, float], float]:
    tested = discrepancy(x[:_KERNEL_ROWS], y[:_KERNEL_ROWS])
    scores = {"mean_shift": mean_shift(x, y), "cosine": cosine_distance(x, y), "mmd": max(0.0, tested.squared)}
    told = _told(x, y, settings)
    if told is not None and told.interval[0] > 0.5:
        scores["domain_auc"] = told.auc
    elif told is not None:
        scores["domain_auc"] = min(told.auc, settings.max_auc)  # an area that may be chance is no size
    return {name: value for name, value in scores.items() if math.isfinite(value)}, tested.p_value


def _told(x: Floats, y: Floats, settings: EmbeddingSettings) -> JointDrift | None:
    if not settings.classify or min(len(x), len(y)) < _CLASSIFIER_ROWS:
        return None
    together = np.concatenate([x, y])
    if together.shape[1] > _DIMENSIONS:
        # Distances survive a random projection (Johnson and Lindenstrauss, 1984), and it knows nothing of the sides.
        draw = np.random.default_rng(SEED).normal(size=(together.shape[1], _DIMENSIONS))
        together = together @ draw / math.sqrt(_DIMENSIONS)
    try:
        return tell_apart(together, (len(x), len(y)), (), limit=settings.max_auc)
    except MissingExtraError:
        return None


def _usual_shift(x: Floats, rows: int, settings: EmbeddingSettings) -> float:
    """The largest shift that is tolerated: as set, or what chunks of the reference show."""
    drawn = chunk_values(len(x), rows, lambda chunk, rest: mean_shift(x[rest], x[chunk]))
    usual = Limits.of(drawn.values).high if drawn.values.size >= 3 else None
    return max(settings.max_shift, usual or 0.0)


def _deciding(scores: dict[str, float], shift_limit: float, settings: EmbeddingSettings) -> tuple[str, float, bool]:
    """Which score decides, its limit, and whether it is above: the one that is further beyond its limit."""
    shift = scores.get("mean_shift", math.inf)
    area = scores.get("domain_auc", 0.5)
    by_area = (area - 0.5) / max(settings.max_auc - 0.5, 1e-9)
    if "domain_auc" in scores and by_area > shift / shift_limit:
        return "domain_auc", settings.max_auc, area > settings.max_auc
    return "mean_shift", shift_limit, shift > shift_limit
