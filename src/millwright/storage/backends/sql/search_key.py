"""What a result is sorted by, and what comes behind a place in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from millwright.storage.backends.sql.search_comparison import Sql, joined

if TYPE_CHECKING:
    from collections.abc import Sequence


class Key(NamedTuple):
    """One sort key: an SQL expression that is never NULL.

    Attributes:
        fixed: The same in every row of a statement: it is returned, but there is nothing to sort.
    """

    text: str
    ascending: bool = True
    fixed: bool = False


def order_by(keys: Sequence[Key]) -> str:
    """The list after ORDER BY."""
    return ", ".join(f"{key.text}{'' if key.ascending else ' DESC'}" for key in keys if not key.fixed)


def behind(keys: Sequence[Key], place: Sequence[Any]) -> Sql:
    """The condition of rows that come after a place.

    Args:
        keys: What the result is sorted by; no two rows have the same values of all.
        place: A row's values of them.
    """
    sorting = [(key, value) for key, value in zip(keys, place, strict=True) if not key.fixed]
    choices: list[Sql] = []
    for at, (key, value) in enumerate(sorting):
        same = [Sql(f"{before.text} = ?", (known,)) for before, known in sorting[:at]]
        choices.append(joined([*same, Sql(f"{key.text} {'>' if key.ascending else '<'} ?", (value,))], "AND", ""))
    (first, value), found = sorting[0], joined(choices, "OR", "1 = 0")
    # Said once more of the first key alone, so that an index on it is entered at the place.
    return Sql(f"{first.text} {'>=' if first.ascending else '<='} ? AND {found.text}", (value, *found.values))


def merged(rows: list[Any], keys: Sequence[Key]) -> list[Any]:
    """Rows of several statements in the one order; each is a number and then the values of the keys."""
    for at in reversed(range(len(keys))):
        rows.sort(key=lambda row, at=at: row[at + 1], reverse=not keys[at].ascending)  # type: ignore[misc]
    return rows
