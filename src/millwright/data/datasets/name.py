"""Names of datasets, and how a version is written: `name`, `name@3`."""

from __future__ import annotations

import re

from millwright.core.errors import InvalidInputError

# Each part begins with a letter or digit, so no name can be `..`, hidden, or lead to another folder.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)*", flags=re.ASCII)
_MAX_LENGTH = 100


def checked_name(name: str) -> str:
    """The name, when it is one that can safely be a folder's name.

    Raises:
        InvalidInputError: It has other characters than ASCII letters, digits, `_`, `-` and single dots between them,
            or more than 100.
    """
    if len(name) > _MAX_LENGTH or not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"Expected a dataset name of letters, digits, '_', '-' and dots between them "
            f"(at most {_MAX_LENGTH} characters), found {name[:120]!r}.",
            hint="For example: schedules, or schedules.quarantine.",
        )
    return name


def parse_ref(ref: str) -> tuple[str, int | None]:
    """A reference as name and version number; the version is None when none is named.

    Raises:
        InvalidInputError: The name is none, or the version is no positive number.
    """
    name, separator, version = ref.partition("@")
    if not separator:
        return checked_name(name), None
    if not version.isascii() or not version.isdigit() or int(version) < 1:
        raise InvalidInputError(
            f"Expected a dataset version as a number behind '@', found {ref!r}.", hint=f"For example: {name}@1."
        )
    return checked_name(name), int(version)
