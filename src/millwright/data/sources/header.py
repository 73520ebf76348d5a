"""Column names from a file's header, made usable and otherwise left as people wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def clean_headers(names: Iterable[str]) -> list[str]:
    """Names without surplus blanks, none empty and none twice.

    Blanks (line breaks and tabs too) around a name go, several inside become one. An empty name becomes `column_N`
    with its position from 1. A name that differs from an earlier one at most in its case, which Delta tables cannot
    tell apart, gets `_2`, `_3`, … behind it.

    Args:
        names: As the file has them, in order.

    Returns:
        As many names, in the same order.

    Example:
        >>> clean_headers([" Project  Type ", "Cost", "", "cost"])
        ['Project Type', 'Cost', 'column_3', 'cost_2']
    """
    collapsed = [" ".join(name.replace("\ufeff", "").split()) for name in names]
    given = {name.casefold() for name in collapsed}
    taken: set[str] = set()
    cleaned = []
    for position, name in enumerate(collapsed, start=1):
        candidate = base = name or f"column_{position}"
        number = 1
        # A made-up name must not take one that another column was given by people.
        while candidate.casefold() in taken or (candidate != name and candidate.casefold() in given):
            number += 1
            candidate = f"{base}_{number}"
        taken.add(candidate.casefold())
        cleaned.append(candidate)
    return cleaned
