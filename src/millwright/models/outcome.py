"""What an engine computed, as the answers of the signature: classes mapped back, probabilities beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from millwright.models.signature import Signature

_DTYPES = {bool: pl.Boolean, int: pl.Int64, float: pl.Float64, str: pl.String}


class Outcome:
    """Turns an engine's numbers into answers.

    The label is the class of the largest probability, the first of equals, for every engine alike. With two
    classes that is the positive one when its probability is above one half.

    Args:
        signature: Of the model that computed.
    """

    __slots__ = ("_classes", "_dtype", "_names", "_task")

    def __init__(self, signature: Signature) -> None:
        self._task = signature.task
        self._classes = signature.classes
        self._names = tuple(column.name for column in signature.outputs)
        self._dtype = _DTYPES[type(signature.classes[0])] if signature.classes else pl.Float64

    def frame(self, values: NDArray[np.floating[Any]]) -> pl.DataFrame:
        """Answers as a table.

        Args:
            values: Probabilities, shape (n, classes), or numbers, shape (n,).

        Returns:
            n rows with the signature's outputs as columns; probabilities and numbers as Float64.
        """
        if self._task is Task.REGRESSION:
            return pl.DataFrame({"prediction": pl.Series(values.astype(float), dtype=pl.Float64)})
        labels = pl.Series("classes", self._classes, dtype=self._dtype)
        columns = {"prediction": labels.gather(values.argmax(axis=1))}
        shares = values.astype(float)
        first = 1 if self._task is Task.BINARY else 0
        for index, name in enumerate(self._names[1:], start=first):
            columns[name] = pl.Series(shares[:, index], dtype=pl.Float64)
        return pl.DataFrame(columns)

    def rows(self, values: NDArray[np.floating[Any]]) -> list[dict[str, Any]]:
        """Answers as JSON objects, one per row; `values` as in `frame`."""
        if self._task is Task.REGRESSION:
            return [{"prediction": value} for value in values.tolist()]
        classes, names = self._classes, self._names
        if self._task is Task.BINARY:
            negative, positive = classes
            return [
                {"prediction": positive if high > low else negative, "probability": high}
                for low, high in values.tolist()
            ]
        return [
            {"prediction": classes[shares.index(max(shares))], **dict(zip(names[1:], shares, strict=True))}
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
            return {"prediction": self._classes[high > low], "probability": high}
        label = self._classes[numbers.index(max(numbers))]
        return {"prediction": label, **dict(zip(self._names[1:], numbers, strict=True))}
