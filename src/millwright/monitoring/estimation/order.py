"""Putting scores in order, as far as what follows needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from millwright.evaluation.metrics.sample import Floats

_MOST_BITS = 24  # of a row's number: more would leave too few for the value


def nearly_ordered(values: Floats) -> npt.NDArray[np.int64]:
    """Row numbers in rising order of the values, in half the time of `argsort`.

    A value's highest bits and its row's number are sorted as one whole number. Values that differ by less than one part
    in 2²⁸ (of a million rows: in 2³²) may come in the order of their rows; who needs the rest sorts what is in order
    already, which takes next to no time.

    Args:
        values: (n,) float64; with negative ones or NaN, or of more than 16 million, the order is `argsort`'s.
    """
    bits = values.size.bit_length()
    if bits > _MOST_BITS or not (values >= 0.0).all():
        return np.argsort(values).astype(np.int64)
    # Numbers that are not negative (adding 0.0 takes the sign from zeros) are ordered as their bits are.
    keys = (values + 0.0).view(np.uint64) >> np.uint64(bits) << np.uint64(bits)
    keys |= np.arange(values.size, dtype=np.uint64)
    keys.sort()
    return (keys & np.uint64((1 << bits) - 1)).astype(np.int64)
