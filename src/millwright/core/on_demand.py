"""Names of a package that are loaded when they are first asked for: who needs one module does not pay for all."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def names_on_demand(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package (PEP 562) whose names are in modules of its own.

    Args:
        package: Its `__name__`.
        places: Name → module below the package that has it; what the names' static imports say under TYPE_CHECKING.

    Example:
        >>> find = names_on_demand("json", {"JSONDecoder": "decoder"})
        >>> find("JSONDecoder").__module__
        'json.decoder'
    """

    def find(name: str) -> Any:
        place = places.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{place}"), name)
        setattr(sys.modules[package], name, found)  # asked for once
        return found

    return find
