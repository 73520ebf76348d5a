"""Which names models and aliases may have."""

from __future__ import annotations

import re

from millwright.core.errors import InvalidInputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_LIKE_A_VERSION = re.compile(r"[vV]?[0-9]+")
LATEST = "latest"  # in a selector: the newest version, so no alias may be called so


def check_model_name(name: str) -> None:
    """Refuse a name that could not stand in a path, a URL and a selector.

    Raises:
        InvalidInputError: It is not 1 to 128 letters (a-z), digits, `-`, `_` and `.`, the first a letter or digit.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"Expected a model's name of letters (a-z), digits, '-', '_' and '.', found {name!r}.",
            hint=_suggestion(name),
        )


def check_alias(alias: str) -> None:
    """Refuse an alias that could be taken for a version, or could not stand in a selector.

    Raises:
        InvalidInputError: The characters are not those of a model's name, or it reads like a version.
    """
    if not _NAME.fullmatch(alias):
        raise InvalidInputError(
            f"Expected an alias of letters (a-z), digits, '-', '_' and '.', found {alias!r}.", hint=_suggestion(alias)
        )
    if _LIKE_A_VERSION.fullmatch(alias) or alias.casefold() == LATEST:
        raise InvalidInputError(
            f"Expected an alias that cannot be taken for a version, found {alias!r}.",
            hint="Use a word, such as champion or challenger.",
        )


def _suggestion(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:128]
    return f"Try '{plain}'." if plain else "Use a plain word, such as schedule-delay."
