"""Page tokens: where a page ended, bound to the question that it was a page of."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from millwright.core.errors import InvalidInputError

_DIGEST = 12


def write_token(asked: Any, place: list[Any]) -> str:
    """A token that leads on from a place.

    Args:
        asked: The question; its `repr` stands for it.
        place: JSON values of the last record, in the order of sorting.
    """
    text = json.dumps([_digest(asked), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(token: str, asked: Any, length: int) -> list[Any]:
    """The place that a token leads on from.

    Args:
        token: What `write_token` gave.
        asked: The question of now.
        length: How many values a place has.

    Raises:
        InvalidInputError: The token is no token, or one of another question.
    """
    try:
        digest, *place = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, TypeError):
        digest, place = None, []
    plain = all(value is None or isinstance(value, str | int | float) for value in place)
    if digest != _digest(asked) or len(place) != length or not plain:
        raise InvalidInputError(
            "Expected a page token that the same search gave before, found another one.",
            hint="Search again from the first page; filter and order must stay the same from page to page.",
        )
    return list(place)


def _digest(asked: Any) -> str:
    return hashlib.sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
