"""What a step noted about itself, as lines for people."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORT = 40  # characters up to which a fact stands among the others, not on lines of its own


def fact_lines(facts: Mapping[str, Any], width: int, *, most: int | None = 3) -> list[str]:
    """Facts as lines: the short ones one after the other, then long texts, lists and counts, each on its own.

    Lines break between facts or words, never within a number or a name.

    Args:
        facts: Name → JSON value, the most telling first.
        width: Of a line, in characters.
        most: Lines that one group may take, after which `…` stands; None for all of them.
    """
    short = [f"{name} {_said(value)}" for name, value in facts.items() if _is_short(value)]
    lines = _cut(_flow(short, " · ", width), most)
    for name, value in facts.items():
        if not _is_short(value):
            lines += _cut(_group(name, value, width), most)
    return lines


def _is_short(value: Any) -> bool:
    return len(_said(value)) <= _SHORT and not _is_count(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(type(number) is int for number in value.values())


def _said(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_said(inner) for inner in value) or "none"
    return " ".join(str(value).split())


def _group(name: str, value: Any, width: int) -> list[str]:
    if _is_count(value):
        return [f"{number:,} × {each}" for each, number in value.items()]  # noqa: RUF001 (a sign, no letter)
    if isinstance(value, list | tuple):
        items = [_said(inner) for inner in value]
        return _indented(_flow([f"{name}: {items[0]}", *items[1:]], ", ", width - 2))
    if isinstance(value, Mapping):
        items = [f"{key} {_said(inner)}" for key, inner in value.items()]
        return _indented(_flow([f"{name}: {items[0]}", *items[1:]], ", ", width - 2))
    return textwrap.wrap(f"{name}: {_said(value)}", max(width, 20), break_long_words=False, subsequent_indent="  ")


def _flow(items: Sequence[str], separator: str, width: int) -> list[str]:
    """Items one after the other; a line ends before the item that does not fit."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(separator) + len(item) <= width:
            lines[-1] += separator + item
        else:
            if lines:
                lines[-1] += separator.rstrip()
            lines.append(item)
    return lines


def _indented(lines: list[str]) -> list[str]:
    return [line if index == 0 else f"  {line}" for index, line in enumerate(lines)]


def _cut(lines: list[str], most: int | None) -> list[str]:
    if most is None or len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"{lines[most - 1]} …"]
