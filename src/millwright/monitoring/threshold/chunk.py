"""A metric on parts of the reference that are as large as a window.

How much a metric scatters depends on the rows that it is measured on, so limits for a window of m rows come from
chunks of m rows. With enough rows, the reference is cut into chunks in its own order, which keeps what changes with
time in it; what is left over at the end is left out. A reference of fewer than ten chunks is drawn from instead, with
replacement and in two stages: first the reference again (it is a sample, too), then a chunk of that. The chunks'
variance is then that of the window and that of the reference together, 1/m + 1/n, as of a window that is held against
it. Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 6 and 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics.sample import Floats

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.evaluation.metrics.sample import Codes

LEAST_CHUNKS = 10
DRAWS = 100
_SEED = 20_261_122  # fixed, so that a report can be computed again


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ChunkValues:
    """A metric on chunks of the reference.

    Attributes:
        values: (k,) float64, finite.
        resampled: Whether the chunks were drawn, rather than cut.
    """

    values: Floats
    resampled: bool


def chunk_values(
    rows: int, size: int, measure: Callable[[Codes, Codes], float | None], *, draws: int = DRAWS
) -> ChunkValues:
    """Measure chunks of the reference.

    Args:
        rows: Rows of the reference, n ≥ 1.
        size: Rows of a window, m ≥ 1.
        measure: From the row numbers of a chunk, and those of the rest (or of the reference drawn again), to the
            metric; None and NaN are left out.
        draws: How many chunks are drawn when there are too few to cut.

    Raises:
        InvalidInputError: A size or a number of rows below 1.
    """
    if rows < 1 or size < 1:
        raise InvalidInputError(f"Expected at least 1 row, in chunks of at least 1, found {rows} and {size}.")
    resampled = rows // size < LEAST_CHUNKS
    found = []
    generator = np.random.default_rng(_SEED)
    for number in range(draws if resampled else rows // size):
        if resampled:
            rest = generator.integers(0, rows, rows)
            chunk = rest[generator.integers(0, rows, size)]
        else:
            every = np.arange(rows)
            chunk = every[number * size : (number + 1) * size]
            rest = np.delete(every, chunk)
        value = measure(chunk, rest)
        if value is not None and np.isfinite(value):
            found.append(float(value))
    return ChunkValues(values=np.array(found, dtype=np.float64), resampled=resampled)
