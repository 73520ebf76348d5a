"""Keys with values, the form in which parameters and tags travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Pair(Struct, gc=False):
    """A parameter or tag."""

    key: str = ""
    value: str = ""


def pairs(values: Mapping[str, str]) -> list[Pair]:
    """A mapping in the form of the wire."""
    return [Pair(key, value) for key, value in values.items()]
