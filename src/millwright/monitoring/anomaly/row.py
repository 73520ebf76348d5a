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
from millwright.evaluation.metrics.sample import Floats
from millwright.models.column import ColumnType
from millwright.models.encoder import Encoder
from millwright.models.feature import Part
from millwright.models.signature import Signature
from millwright.monitoring.anomaly.score import JointScore, RowScore
from millwright.monitoring.anomaly.settings import AnomalySettings
from millwright.monitoring.column_table import gathered
from millwright.monitoring.second_model import SEED
from millwright.monitoring.statistics.chi_square import chi_square_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.evaluation.metrics.sample import Codes
    from millwright.monitoring.column_table import ColumnView, Table

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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UsualRows:
    """What is learned of a reference, and asked of any number of windows.

    Attributes:
        watched: The signature without the columns that are left out.
        encoder: Fitted to the reference.
        score: Likewise.
        odd: Rows that the score was not learned from and calls odd.
        held_out: Of so many.
        rows: Rows of the reference that were looked at.
        usual: (columns,) of each encoded column the median, or the most frequent code.
    """

    watched: Signature
    encoder: Encoder
    score: RowScore
    odd: int
    held_out: int
    rows: int
    usual: Floats


def learn_rows(
    reference: pl.DataFrame, signature: Signature, settings: AnomalySettings | None = None
) -> UsualRows | None:
    """Learn what rows are usual, for `compare_rows`.

    Args:
        reference: Conformed rows of the reference (`models.conform`).
        signature: Of the version; tensors are left out, and so are dates, which are new on every day.
        settings: What counts.

    Returns:
        None when it is switched off, there are too few rows, or no column is left.
    """
    chosen, watched = settings or AnomalySettings(), _watched(signature)
    if not chosen.enabled or reference.height < _REFERENCE_TIMES * chosen.min_rows or not watched.inputs:
        return None
    generator = np.random.default_rng(SEED)
    rows = reference[_drawn(reference.height, chosen.sample, generator)]
    encoder = Encoder.fit(rows, watched)
    known = encoder.encode(rows, watched).astype(np.float64)
    mixed = generator.permutation(len(known))
    learned, held_out = known[mixed[::2]], known[mixed[1::2]]
    score = JointScore(learned, held_out, encoder.category_indexes, expected=chosen.expected_share)
    return UsualRows(
        watched=watched,
        encoder=encoder,
        score=score,
        odd=int((score.score(held_out) > 1).sum()),
        held_out=len(held_out),
        rows=len(known),
        usual=np.array([_usual(learned[:, index], column.part) for index, column in enumerate(encoder.columns)]),
    )


def compare_rows(
    known: UsualRows | None,
    current: Table,
    ids: Sequence[PredictionId] | pl.Series | ColumnView,
    settings: AnomalySettings | None = None,
) -> RowAnomalies | None:
    """Look for rows unlike those of the reference.

    Args:
        known: What was learned of it.
        current: Conformed rows of the window, m rows.
        ids: Their m prediction ids.
        settings: What counts.

    Returns:
        None when nothing was learned, or the window has too few rows.
    """
    chosen = settings or AnomalySettings()
    if known is None or current.height < chosen.min_rows:
        return None
    now = _drawn(current.height, chosen.sample, np.random.default_rng(SEED))
    new = known.encoder.encode(gathered(current, now), known.watched).astype(np.float64)
    found = known.score.score(new)
    odd = int((found > 1).sum())
    counts = np.array([known.odd, known.held_out - known.odd]), np.array([odd, found.size - odd])
    share, expected, p_value = odd / found.size, known.odd / known.held_out, chi_square_p(*counts)
    worst = [row for row in np.argsort(-found, kind="stable")[: chosen.examples] if found[row] > 1]
    explained = _explain(known, new[worst], found[worst])
    return RowAnomalies(
        share=share,
        expected=expected,
        limit=chosen.max_share,
        p_value=p_value,
        risen=share > chosen.max_share and share > expected and p_value < _SURE,
        method=known.score.name,
        rows=(known.rows, len(new)),
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


def _explain(known: UsualRows, rows: Floats, scores: Floats) -> list[tuple[OddFeature, ...]]:
    """Per row, by how much its score falls with each feature set to what is usual."""
    if not len(rows):
        return []
    encoder = known.encoder
    sources = list(dict.fromkeys(column.source for column in encoder.columns))
    asked = np.repeat(rows[None], len(sources), axis=0)  # (features, rows, columns)
    for number, source in enumerate(sources):
        for index, column in enumerate(encoder.columns):
            if column.source == source:
                asked[number, :, index] = known.usual[index]
    answered = known.score.score(asked.reshape(-1, rows.shape[1])).reshape(len(sources), len(rows))
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
