"""Rows that a sample rarely holds and engines like to disagree on."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.encoder import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from millwright.models.signature import Signature

_UNSEEN = "a category that nobody has seen"
_RANDOM_ROWS = 200
_RANGES = 10.0


def edge_rows(signature: Signature, *, seed: int = 0) -> list[dict[str, Any]]:
    """Raw rows at the edges of a signature.

    For each column in turn, around a middle row, each of its edge values: null, zero, the ends of its range and their
    32-bit neighbours, values far outside, unseen, empty and over-long categories, very early and late dates; then all
    columns at once at the same kind of edge; then random mixtures of edge values.

    Args:
        signature: The model's inputs; nulls come also where they are not allowed.
        seed: Of the mixtures.
    """
    edges = {column.name: _edge_values(column) for column in signature.inputs}
    middle = {name: values[0] for name, values in edges.items()}
    rows = [{**middle, name: value} for name, values in edges.items() for value in values]
    longest = max((len(values) for values in edges.values()), default=0)
    rows += [{name: values[min(index, len(values) - 1)] for name, values in edges.items()} for index in range(longest)]
    random = np.random.default_rng(seed)
    rows += [
        {name: values[int(random.integers(len(values)))] for name, values in edges.items()} for _ in range(_RANDOM_ROWS)
    ]
    return rows


def edge_matrix(signature: Signature, encoder: Encoder, *, seed: int = 0) -> NDArray[np.float32]:
    """Edge rows as an estimator sees them.

    Fitted encoders draw numbers in to ten ranges from what was seen, and estimators behind them are trained to take
    nulls. One that passes raw numbers on does neither. Here its numbers are drawn in as well: further out sums of
    squares use up single precision, in whichever order an engine takes them. And nulls come only where the signature
    allows them.

    Returns:
        float32, shape (n, encoded columns).
    """
    matrix = encoder.encode_rows(edge_rows(signature, seed=seed))
    if encoder != Encoder.passing(signature):
        return matrix
    for index, column in enumerate(signature.inputs):
        if column.minimum is not None and column.maximum is not None:
            margin = _RANGES * ((column.maximum - column.minimum) or max(abs(column.minimum), 1.0))
            matrix[:, index] = np.clip(matrix[:, index], column.minimum - margin, column.maximum + margin)
    whole = np.array([not column.nullable for column in signature.inputs])
    possible: NDArray[np.float32] = matrix[~(np.isnan(matrix) & whole).any(axis=1)]
    return possible


def _edge_values(column: SignatureColumn) -> list[Any]:
    """A middle value first, then null, then the edges."""
    kind = column.type
    if kind in (ColumnType.NUMBER, ColumnType.INTEGER):
        return _numbers(column)
    if kind is ColumnType.BOOLEAN:
        return [True, None, False]
    if kind is ColumnType.CATEGORY:
        known = list(column.categories)
        return [known[0] if known else _UNSEEN, None, _UNSEEN, "", *known[1:60], "x" * 1_000]
    if kind is ColumnType.DATE:
        return ["2020-06-15", None, "1970-01-01", "1969-12-31T23:59:59.999999", "0001-01-01", "9999-12-31T23:59:59"]
    return ["some words", None, "", "ß" * 10_000]


def _numbers(column: SignatureColumn) -> list[Any]:
    low = column.minimum if column.minimum is not None else 0.0
    high = column.maximum if column.maximum is not None else 1.0
    values: list[Any] = [(low + high) / 2, None, 0.0, -0.0, 1e-38]
    values += [low, high, *_neighbours(low), *_neighbours(high)]
    values += [low - 3 * (high - low), high + 3 * (high - low), -1e30, 1e30, -1e300, 1e300]
    values = [value for value in values if value is None or isfinite(value)]
    if column.type is ColumnType.INTEGER:
        return [None if value is None else float(round(value)) for value in values]
    return values


def _neighbours(value: float) -> list[float]:
    """The next 32-bit floats below and above; infinite ones may be among them."""
    with np.errstate(over="ignore"):
        single = np.float32(value)
        return [float(np.nextafter(single, np.float32(-np.inf))), float(np.nextafter(single, np.float32(np.inf)))]
