"""Regular expressions in searches: in time linear in the text, whatever the expression.

Python's own engine backtracks: one expression of a user could hold a server up for hours. RE2, which comes with
Arrow, cannot. PostgreSQL looks for `~` by itself; expressions are checked by RE2 all the same, so that one that is
none is refused in the same words.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from millwright.core.errors import InvalidInputError

MAX_LENGTH = 1000  # characters of an expression


def check_regex(pattern: str) -> str:
    """Refuse what is no regular expression.

    Raises:
        InvalidInputError: RE2 cannot read it, or it is too long.
    """
    import pyarrow as pa

    if len(pattern) > MAX_LENGTH:
        raise InvalidInputError(f"Expected a regular expression of at most {MAX_LENGTH:,} characters.")
    try:
        matches(pattern, "")
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise InvalidInputError(
            f"Expected a regular expression behind RLIKE, found {pattern[:100]!r}: {str(error)[:200]}.",
            hint="Write it in RE2's form: no back-references and no look-around.",
        ) from error
    return pattern


def matches(pattern: str, text: str | None) -> bool:
    """Whether the expression matches somewhere in the text; nothing matches None.

    Args:
        pattern: What `check_regex` took.
        text: Where to look.
    """
    if text is None:
        return False
    compute, pa = _arrow()
    return bool(compute.match_substring_regex(pa.scalar(str(text)), pattern).as_py())


@cache
def _arrow() -> tuple[Any, Any]:
    import pyarrow as pa
    from pyarrow import compute

    return compute, pa
