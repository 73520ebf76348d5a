"""What an engine computed, as the answers of the signature: classes mapped back, probabilities beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.models.task import Task
from millwright.models.tensor.series import series_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from millwright.models.signature import Signature

_DTYPES = {bool: pl.Boolean, int: pl.Int64, float: pl.Float64, str: pl.String}
_ROUNDING = 1e-3  # of probabilities in single precision: what models are brought with, too (`adoption`)


class Outcome:
    """Turns an engine's numbers into answers.

    The label is the class of the largest probability, the first of equals, for every engine alike. With two
    classes that is the positive one when its probability is above one half. A probability that rounding has put outside
    0 to 1 (an ensemble that adds 32-bit shares up may answer 1.0000001) is answered as the end that it passed.

    Args:
        signature: Of the model that computed.
    """

    __slots__ = ("_classes", "_column", "_dtype", "_names", "_task")

    def __init__(self, signature: Signature) -> None:
        self._task = signature.task
        self._classes = signature.classes
        self._column = signature.outputs[0]
        self._names = tuple(column.name for column in signature.outputs)
        self._dtype = _DTYPES[type(signature.classes[0])] if signature.classes else pl.Float64

    def frame(self, values: NDArray[np.floating[Any]]) -> pl.DataFrame:
        """Answers as a table.

        Args:
            values: Probabilities, shape (n, classes); numbers, shape (n,); or arrays, shape (n, …).

        Returns:
            n rows with the signature's outputs as columns; probabilities and numbers as Float64, arrays as Array.
        """
        if self._task is Task.TENSOR:
            return pl.DataFrame([series_of("prediction", values, self._column)])
        if self._task is Task.REGRESSION:
            return pl.DataFrame({"prediction": pl.Series(values.astype(float), dtype=pl.Float64)})
        labels = pl.Series("classes", self._classes, dtype=self._dtype)
        columns = {"prediction": labels.gather(values.argmax(axis=1))}
        shares = _bounded(values.astype(float))
        first = 1 if self._task is Task.BINARY else 0
        for index, name in enumerate(self._names[1:], start=first):
            columns[name] = pl.Series(shares[:, index], dtype=pl.Float64)
        return pl.DataFrame(columns)

    def rows(self, values: NDArray[np.floating[Any]]) -> list[dict[str, Any]]:
        """Answers as JSON objects, one per row; `values` as in `frame`."""
        if self._task is Task.TENSOR:
            return [{"prediction": value.tolist()} for value in values]
        if self._task is Task.REGRESSION:
            return [{"prediction": value} for value in values.tolist()]
        classes, names = self._classes, self._names
        if self._task is Task.BINARY:
            negative, positive = classes
            return [
                {"prediction": positive if high > low else negative, "probability": _share(high)}
                for low, high in values.tolist()
            ]
        return [
            {"prediction": classes[shares.index(max(shares))], **dict(zip(names[1:], map(_share, shares), strict=True))}
            for shares in values.tolist()
        ]

    def row(self, numbers: Sequence[float]) -> dict[str, Any]:
        """The answer to one row, as `rows` gives it.

        Args:
            numbers: Its probabilities, of two classes possibly the second alone; or its number alone.
        """
        if self._task is Task.REGRESSION:
            return {"prediction": numbers[0]}
        if self._task is Task.BINARY:
            high = numbers[-1]
            low = numbers[0] if len(numbers) > 1 else 1 - high
            return {"prediction": self._classes[high > low], "probability": _share(high)}
        label = self._classes[numbers.index(max(numbers))]
        return {"prediction": label, **dict(zip(self._names[1:], map(_share, numbers), strict=True))}


def _share(value: float) -> float:
    """A probability without what rounding added; what is farther outside, and NaN, stay as they are."""
    if 0.0 <= value <= 1.0:
        return value
    if 1.0 < value <= 1.0 + _ROUNDING:
        return 1.0
    return 0.0 if -_ROUNDING <= value < 0.0 else value


def _bounded(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """`_share` of each value, in place."""
    values[(values > 1.0) & (values <= 1.0 + _ROUNDING)] = 1.0
    values[(values < 0.0) & (values >= -_ROUNDING)] = 0.0
    return values
