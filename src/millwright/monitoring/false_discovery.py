"""Many tests at once: which of them to believe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float | None], level: float) -> list[bool]:
    """Which tests reject, so that at most a share `level` of the rejections is expected to be false.

    Source: Benjamini and Hochberg, Controlling the False Discovery Rate, JRSS B 57 (1995), for independent or
    positively dependent tests.

    Args:
        p_values: One per test, 0 to 1, any order; None for a test that could not be made, which never rejects and is
            not counted.
        level: The false discovery rate, 0 to 1.

    Returns:
        One answer per test, in the given order; empty for no tests.

    Examples:
        >>> benjamini_hochberg([0.001, 0.04, None, 0.5], 0.05)
        [True, False, False, False]
    """
    made = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    rejected = 0
    for rank, (p, _) in enumerate(made, start=1):
        if p <= level * rank / len(made):
            rejected = rank
    answer = [False] * len(p_values)
    for _, index in made[:rejected]:
        answer[index] = True
    return answer
