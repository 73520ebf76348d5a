"""How messages name what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMED = 5  # things that a message names


def named(things: Sequence[str]) -> str:
    """The first five, and how many more there are.

    Examples:
        >>> named(["a", "b", "c", "d", "e", "f", "g"])
        'a, b, c, d, e and 2 more'
    """
    left = len(things) - _NAMED
    return ", ".join(things[:_NAMED]) + (f" and {left} more" if left > 0 else "")


def joined(parts: Sequence[str]) -> str:
    """Parts of a sentence.

    Examples:
        >>> joined(["a", "b", "c"])
        'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
