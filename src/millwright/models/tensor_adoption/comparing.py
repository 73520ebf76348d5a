"""Whether a model over arrays answers as the object that it was made from, on the sample and beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.models.compile.comparison import compare
from millwright.models.compile.compilation import EDGE_FACTOR, TOLERANCE
from millwright.models.task import Task
from millwright.models.tensor_adoption.edge import edge_feeds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from millwright.models.feed import Feed
    from millwright.models.model import Model

_WHAT = "The model cannot be packaged, because its stored form answers otherwise"


def compare_forms(model: Model, sample: Feed, reference: Callable[[Mapping[str, NDArray[Any]]], NDArray[Any]]) -> None:
    """Refuse a form that answers otherwise than the object that it was made from.

    Args:
        model: In the form that is stored.
        sample: The arrays that it came with.
        reference: The object: arrays by name → its answers.

    Raises:
        InvalidInputError: Answers differ by more than rounding, or one of both does not answer.
    """
    feeds = [(sample, True), *((feed, False) for feed in edge_feeds(sample, model.signature))]
    for feed, is_real in feeds:
        rows = len(feed.places)
        try:
            with np.errstate(all="ignore"):
                expected = _flat(model, np.asarray(reference(feed.arrays)), rows)
                found = _flat(model, model.answer_arrays(feed.arrays), rows)
        except Exception as error:  # whatever a library raises for arrays that it doesn't take
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            shapes = ", ".join(f"'{name}' {list(array.shape)}" for name, array in feed.arrays.items())
            raise InvalidInputError(f"The model does not answer arrays of other sizes, {shapes}: {reason}") from error
        comparison = compare(
            expected,
            found,
            sample_rows=rows if is_real else 0,
            tolerance=TOLERANCE,
            edge_tolerance=EDGE_FACTOR * TOLERANCE,
        )
        if comparison.reason:
            raise InvalidInputError(f"{_WHAT}: {comparison.reason}.")


def _flat(model: Model, values: NDArray[Any], rows: int) -> NDArray[Any]:
    """Answers as `compare` takes them: two dimensions are probabilities, any other are numbers."""
    if model.signature.task is Task.TENSOR:
        return values.reshape(rows, 1, -1)
    return model.shaped(values, rows)
