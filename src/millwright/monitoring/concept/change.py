"""Where in a series of numbers their mean changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Floats

LEAST = 5  # values on each side of a change


def change_point(values: Floats) -> int | None:
    """The number of the first value after the change: where the means on both sides differ most.

    The most likely place of one change of the mean of normal values (Hinkley, Inference about the change-point in a
    sequence of random variables, Biometrika 57, 1970). The first of several places that are as likely.

    Args:
        values: (n,) finite.

    Returns:
        5 to n - 5; None for fewer than ten values, or values that are all the same.

    Examples:
        >>> import numpy as np
        >>> change_point(np.array([0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1.0]))
        7
    """
    n = values.size
    if n < 2 * LEAST or np.ptp(values) == 0:
        return None
    left = np.arange(LEAST, n - LEAST + 1)
    sums = np.cumsum(values)
    difference = sums[left - 1] / left - (sums[-1] - sums[left - 1]) / (n - left)
    return int(left[np.argmax(difference**2 * left * (n - left))])
