"""What a model said about some rows, beside the truth.

Notation, here and in the metric modules:

    n: rows, k: classes, b: weightings (bootstrap draws)
    y_true, y_pred: (n,) int64 class codes 0..k-1, or (n,) float64 values for regression
    scores: (n, k) float64 class probabilities in [0, 1]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from millwright.core.errors import InvalidInputError
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
_SHORT = 1 << 16


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rows in order of falling score, ties together.

    Attributes:
        order: (n,) row numbers, highest score first.
        starts: (g,) positions in `order` where each group of equal scores begins.
    """

    order: Codes
    starts: Codes


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows sorted by their cell of the confusion matrix.

    Attributes:
        order: (n,) row numbers.
        present: (c,) the cells that occur, as true code * k + predicted code.
        starts: (c,) position in `order` of each cell's first row.
    """

    order: Codes
    present: Codes
    starts: Codes


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """Truth and predictions of n rows; n is at least 1 and no value is missing.

    Attributes:
        task: What kind of target it is.
        y_true: (n,) class codes (int64) or values (float64).
        y_pred: (n,) likewise.
        scores: (n, k) class probabilities; None for regression, or when the model gives none.
        classes: The k labels that the codes stand for; binary: (negative, positive). Empty for regression.
    """

    task: Task
    y_true: npt.NDArray[Any]
    y_pred: npt.NDArray[Any]
    scores: Floats | None = None
    classes: tuple[Any, ...] = ()
    _rankings: dict[int, Ranking] = field(default_factory=dict, compare=False, repr=False)
    _cells: list[Cells] = field(default_factory=list, compare=False, repr=False)

    @property
    def rows(self) -> int:
        """How many rows, n."""
        return len(self.y_true)

    def where(self, mask: npt.NDArray[np.bool_] | Codes) -> Sample:
        """The chosen rows, with the same classes; `mask` is a boolean (n,) or row numbers."""
        return Sample(
            task=self.task,
            y_true=self.y_true[mask],
            y_pred=self.y_pred[mask],
            scores=None if self.scores is None else self.scores[mask],
            classes=self.classes,
        )

    def cells(self) -> Cells:
        """The rows sorted by cell of the confusion matrix; computed once."""
        if not self._cells:
            cell = self.y_true * len(self.classes) + self.y_pred
            rows = np.bincount(cell)
            present = np.flatnonzero(rows)
            starts = (np.cumsum(rows) - rows)[present]
            # Short integers are sorted digit by digit, in a fraction of the time.
            order = np.argsort(cell.astype(np.uint16) if rows.size <= _SHORT else cell, kind="stable")
            self._cells.append(Cells(order, present, starts))
        return self._cells[0]

    def ranking(self, code: int) -> Ranking:
        """The rows ranked by the score of class `code`; computed once per class."""
        if code not in self._rankings:
            if self.scores is None:
                msg = "a ranking needs scores"
                raise ValueError(msg)
            score = self.scores[:, code]
            order = np.argsort(-score, kind="stable").astype(np.int64)
            ranked = score[order]
            starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])).astype(np.int64)
            self._rankings[code] = Ranking(order, starts)
        return self._rankings[code]


def classification_sample(y_true: Any, y_pred: Any, y_score: Any = None, *, classes: Sequence[Any] = ()) -> Sample:
    """Labels as they are, turned into a sample.

    Args:
        y_true: (n,) labels of any one sortable type.
        y_pred: (n,) labels.
        y_score: None, (n,) probabilities of the positive class, or (n, k) probabilities in the order of `classes`.
        classes: All labels the model knows, sorted; binary: (negative, positive). Empty: 0 and 1 when nothing else
            occurs, 0..k-1 when `y_score` has k columns and all labels are such numbers, else those that occur.

    Raises:
        InvalidInputError: No rows, unequal lengths, labels outside `classes`, or scores that are no probabilities.
    """
    truth, said = _as_labels(y_true), _as_labels(y_pred)
    _check_lengths(len(truth), len(said))
    scores = None if y_score is None else _as_scores(y_score, len(truth))
    labels = tuple(classes) or _infer_classes(truth, said, scores)
    if scores is not None and scores.shape[1] != len(labels):
        raise InvalidInputError(
            f"Expected scores for {len(labels)} classes ({_shown(labels)}), found {scores.shape[1]} columns.",
            hint="Give one column per class, in the order of `classes`.",
        )
    return Sample(
        task=Task.BINARY if len(labels) == 2 else Task.MULTICLASS,
        y_true=encode_labels(truth, labels),
        y_pred=encode_labels(said, labels),
        scores=scores,
        classes=labels,
    )


def regression_sample(y_true: Any, y_pred: Any) -> Sample:
    """Values as they are, turned into a sample.

    Args:
        y_true: (n,) finite numbers.
        y_pred: (n,) finite numbers.

    Raises:
        InvalidInputError: No rows, unequal lengths, or a value that is missing or infinite.
    """
    truth, said = np.asarray(y_true, dtype=np.float64), np.asarray(y_pred, dtype=np.float64)
    _check_lengths(len(truth), len(said))
    for name, values in (("true", truth), ("predicted", said)):
        bad = int(np.count_nonzero(~np.isfinite(values)))
        if bad:
            raise InvalidInputError(
                f"Expected finite {name} values, found {bad} of {len(values)} missing or infinite.",
                hint="Drop rows without a target before evaluating.",
            )
    return Sample(task=Task.REGRESSION, y_true=truth, y_pred=said)


def encode_labels(labels: Sequence[Any], classes: Sequence[Any]) -> Codes:
    """The position in `classes` of each label, (n,) int64.

    Raises:
        InvalidInputError: A label is none of the classes (which ones, and how many rows).
    """
    position = {label: code for code, label in enumerate(classes)}
    codes = np.fromiter((position.get(label, -1) for label in labels), dtype=np.int64, count=len(labels))
    unknown = np.flatnonzero(codes < 0)
    if len(unknown):
        found = sorted({repr(labels[int(row)]) for row in unknown[:1000]})
        raise InvalidInputError(
            f"Expected labels {_shown(classes)}, found {', '.join(found[:5])} in {len(unknown)} of {len(labels)} rows.",
            hint="Check that the target column has the values the model was trained on.",
        )
    return codes


def _as_labels(values: Any) -> list[Any]:
    to_list = getattr(values, "to_list", None) or getattr(values, "tolist", None)
    return list(to_list() if to_list is not None else values)


def _as_scores(y_score: Any, rows: int) -> Floats:
    scores = np.asarray(y_score, dtype=np.float64)
    if scores.ndim == 1:
        scores = np.column_stack([1.0 - scores, scores])
    if scores.ndim != 2 or len(scores) != rows:
        raise InvalidInputError(f"Expected scores for {rows} rows, found an array of shape {np.shape(y_score)}.")
    if not np.all((scores >= 0.0) & (scores <= 1.0)):  # False for NaN too
        raise InvalidInputError(
            "Expected scores between 0 and 1, found others or missing values.",
            hint="Give probabilities (predict_proba), not decision values.",
        )
    return scores


def _infer_classes(truth: list[Any], said: list[Any], scores: Floats | None) -> tuple[Any, ...]:
    present = set(truth) | set(said)
    if None in present:
        raise InvalidInputError("Expected a label in every row, found missing ones.", hint="Drop rows without a label.")
    if present <= {0, 1}:
        return (0, 1)
    if scores is not None and present <= set(range(scores.shape[1])):
        return tuple(range(scores.shape[1]))
    if len(present) == 1:
        raise InvalidInputError(
            f"Expected two classes or more, found only {next(iter(present))!r}.",
            hint="Pass classes=(negative, positive) so that the metrics know the other one.",
        )
    return tuple(sorted(present))


def _check_lengths(truth: int, said: int) -> None:
    if truth != said:
        raise InvalidInputError(f"Expected as many predictions as true values, found {said} and {truth}.")
    if truth == 0:
        raise InvalidInputError("Expected at least one row to evaluate, found none.", hint="Give a non-empty table.")


def _shown(labels: Sequence[Any]) -> str:
    return ", ".join(repr(label) for label in labels[:10]) + (", …" if len(labels) > 10 else "")
