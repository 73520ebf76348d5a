"""Names of definitions, features and columns, checked."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", flags=re.ASCII)
_MAX_LENGTH = 100
_OURS = "__millwright"


def checked_definition_name(name: str, what: str) -> str:
    """The name of an entity, view or service: letters, digits, `_` and `-`, not beginning with a digit.

    Raises:
        InvalidInputError: It is none.
    """
    if not isinstance(name, str) or len(name) > _MAX_LENGTH or not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"Expected the name of {what} to be letters, digits, '_' and '-' (at most {_MAX_LENGTH}, no digit first), "
            f"found {str(name)[:120]!r}.",
            hint="For example: building_history.",
        )
    return name


def checked_column_name(name: str, what: str) -> str:
    """The name of a column: any text but an empty one, without `:` and line breaks.

    Raises:
        InvalidInputError: It is none.
    """
    if not isinstance(name, str) or not name.strip() or ":" in name or not name.isprintable() or name.startswith(_OURS):
        raise InvalidInputError(
            f"Expected the name of a column as {what} (text without ':' and line breaks), found {name!r}.",
            hint="':' stands between a view and its feature, as in building_history:mean_late.",
        )
    return name


def refuse_twice(names: Sequence[str], what: str) -> None:
    """Refuse names that occur more than once.

    Raises:
        InvalidInputError: One does.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InvalidInputError(f"{what} twice: {', '.join(map(repr, twice))}.", hint="Give each a name of its own.")
