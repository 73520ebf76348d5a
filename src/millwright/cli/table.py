"""How wide the columns of a table are: what identifies a row stays whole, texts give way first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_CUT = 8  # the narrowest that a word is cut to


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """What a column's cells need.

    Attributes:
        longest: The longest line, in characters.
        word: The longest word: in a narrower column it would be cut.
        whole: Whether its cells should stay on one line: ids, numbers, times.
    """

    longest: int
    word: int
    whole: bool


def column_shape(title: str, cells: Sequence[str], values: Sequence[Any], *, first: bool) -> ColumnShape:
    """Measure a column.

    Args:
        title: Its heading.
        cells: Its values as they are printed.
        values: The values themselves.
        first: Whether it is the first one, which says what the row is about.
    """
    texts = [title, *cells]
    known = [value for value in values if value is not None]
    return ColumnShape(
        longest=max((len(line) for text in texts for line in text.splitlines()), default=0),
        word=max((len(word) for text in texts for word in text.split()), default=0),
        whole=first or (bool(known) and all(isinstance(value, int | float | datetime) for value in known)),
    )


def fitted_widths(shapes: Sequence[ColumnShape], room: int) -> list[int]:
    """Widths that fit together, in characters.

    Texts are narrowed first, as far as their longest words go; then times; then words are cut: those of texts, of
    numbers and times, and of the first column.

    Args:
        shapes: Of the columns.
        room: What their widths may sum up to; when even the narrowest table does not fit, it is wider.
    """
    stages = (
        [shape.longest if shape.whole else shape.word for shape in shapes],
        [shape.longest if index == 0 else shape.word for index, shape in enumerate(shapes)],
        [
            shape.longest if index == 0 else shape.word if shape.whole else min(shape.word, _CUT)
            for index, shape in enumerate(shapes)
        ],
        [shape.longest if index == 0 else min(shape.word, _CUT) for index, shape in enumerate(shapes)],
        [min(shape.word, _CUT) for shape in shapes],
    )
    widths = [shape.longest for shape in shapes]
    for least in stages:
        widths = _narrowed(widths, least, room)
    return widths


def _narrowed(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widest column that can give way does, one character after the other."""
    found = list(widths)
    while sum(found) > room:
        free = [index for index, width in enumerate(found) if width > least[index]]
        if not free:
            break
        found[max(free, key=lambda index: found[index])] -= 1
    return found
