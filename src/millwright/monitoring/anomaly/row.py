"""The share of odd rows in a window, and which they are.

A row is odd when its score is above a high quantile of the reference's. The quantile is taken on rows that the score
was not learned from: of its own rows every model thinks too well. The features that make a row odd are found by asking
again with one feature at a time set to what is usual, its median or its most frequent value: the more the score falls,
the odder was the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.ids import PredictionId
from millwright.models.column import ColumnType
from millwright.models.encoder import Encoder
from millwright.models.feature import Part
from millwright.monitoring.anomaly.score import JointScore, RowScore
from millwright.monitoring.anomaly.settings import AnomalySettings
from millwright.monitoring.second_model import SEED
from millwright.monitoring.statistics.chi_square import chi_square_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.evaluation.metrics.sample import Codes, Floats
    from millwright.models.signature import Signature

_REFERENCE_TIMES = 4  # so many times min_rows: half of them set the quantile
_SURE = 0.01  # p-value below which a share is larger than the reference's
_FEATURES = 3  # named per row


@dataclass(frozen=True, slots=True)
class OddFeature:
    """What of a row is odd.

    Attributes:
        name: A column of the signature.
        fall: By how much the row's score would fall if the value were usual, in shares of the score, > 0.
    """

    name: str
    fall: float


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row unlike those of the reference.

    Attributes:
        prediction_id: Which.
        score: How odd, in units of the limit: above 1.
        features: What makes it odd, the most first, at most three; empty when it is a matter of all together.
    """

    prediction_id: PredictionId
    score: float
    features: tuple[OddFeature, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowAnomalies:
    """Odd rows of a window.

    Attributes:
        share: Share of the rows looked at that are odd, 0 to 1.
        expected: The same share of reference rows that the score was not learned from.
        limit: The tolerated share.
        p_value: Of the two-sample chi-square test of both shares.
        risen: Whether the share is above the limit, and the test agrees.
        method: `isolation forest and tails`, or `tails` where scikit-learn is not installed.
        rows: Rows of the reference and of the window that were looked at.
        examples: The oddest rows, the most first.
    """

    share: float
    expected: float
    limit: float
    p_value: float
    risen: bool
    method: str
    rows: tuple[int, int]
    examples: tuple[OddRow, ...]


def compare_rows(
    reference: pl.DataFrame,
    current: pl.DataFrame,
    ids: Sequence[PredictionId],
    signature: Signature,
    settings: AnomalySettings | None = None,
) -> RowAnomalies | None:
    """Look for rows unlike those of the reference.

    Args:
        reference: Conformed rows of the reference (`models.conform`).
        current: The same of the window, m rows.
        ids: Their m prediction ids.
        signature: Of the version; tensors are left out, and so are dates, which are new on every day.
        settings: What counts.

    Returns:
        None when it is switched off, a side has too few rows, or no column is left.
    """
    chosen = settings or AnomalySettings()
    few = current.height < chosen.min_rows or reference.height < _REFERENCE_TIMES * chosen.min_rows
    if not chosen.enabled or few:
        return None
    watched = _watched(signature)
    if not watched.inputs:
        return None
    generator = np.random.default_rng(SEED)
    before, now = (_drawn(frame.height, chosen.sample, generator) for frame in (reference, current))
    encoder = Encoder.fit(reference[before], watched)
    sides = (reference[before], current[now])
    known, new = (encoder.encode(side, watched).astype(np.float64) for side in sides)
    mixed = generator.permutation(len(known))
    learned, held_out = known[mixed[::2]], known[mixed[1::2]]
    score = JointScore(learned, held_out, encoder.category_indexes, expected=chosen.expected_share)
    usual, found = score.score(held_out), score.score(new)
    odd_before, odd = int((usual > 1).sum()), int((found > 1).sum())
    p_value = chi_square_p(np.array([odd_before, usual.size - odd_before]), np.array([odd, found.size - odd]))
    share, expected = odd / found.size, odd_before / usual.size
    worst = [row for row in np.argsort(-found, kind="stable")[: chosen.examples] if found[row] > 1]
    explained = _explain(score, new[worst], found[worst], (encoder, learned))
    return RowAnomalies(
        share=share,
        expected=expected,
        limit=chosen.max_share,
        p_value=p_value,
        risen=share > chosen.max_share and share > expected and p_value < _SURE,
        method=score.name,
        rows=(len(known), len(new)),
        examples=tuple(
            OddRow(ids[int(now[row])], float(found[row]), features)
            for row, features in zip(worst, explained, strict=True)
        ),
    )


def _watched(signature: Signature) -> Signature:
    from dataclasses import replace

    left_out = {ColumnType.TENSOR, ColumnType.DATE}
    return replace(signature, inputs=tuple(each for each in signature.inputs if each.type not in left_out))


def _drawn(rows: int, most: int, generator: np.random.Generator) -> Codes:
    return np.arange(rows) if rows <= most else np.sort(generator.choice(rows, most, replace=False))


def _explain(
    score: RowScore, rows: Floats, scores: Floats, known: tuple[Encoder, Floats]
) -> list[tuple[OddFeature, ...]]:
    """Per row, by how much its score falls with each feature set to what is usual."""
    if not len(rows):
        return []
    encoder, learned = known
    usual = [_usual(learned[:, index], column.part) for index, column in enumerate(encoder.columns)]
    sources = list(dict.fromkeys(column.source for column in encoder.columns))
    asked = np.repeat(rows[None], len(sources), axis=0)  # (features, rows, columns)
    for number, source in enumerate(sources):
        for index, column in enumerate(encoder.columns):
            if column.source == source:
                asked[number, :, index] = usual[index]
    answered = score.score(asked.reshape(-1, rows.shape[1])).reshape(len(sources), len(rows))
    falls = np.maximum(0.0, (scores - answered) / scores)
    explained = []
    for row in range(len(rows)):
        order = np.argsort(-falls[:, row], kind="stable")[:_FEATURES]
        explained.append(
            tuple(OddFeature(sources[number], float(falls[number, row])) for number in order if falls[number, row] > 0)
        )
    return explained


def _usual(column: Floats, part: Part) -> float:
    if part is Part.CODE:
        codes, counts = np.unique(column, return_counts=True)
        return float(codes[np.argmax(counts)])
    present = column[~np.isnan(column)]
    return float(np.median(present)) if present.size else float("nan")
