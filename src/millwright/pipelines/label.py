"""What functions and modules are called in records and messages."""

from __future__ import annotations

import re
from typing import Any

LOADED_MODULE = re.compile(r"^_millwright_[0-9a-f]+_")  # how `source` names the modules of user's files


def module_label(name: str) -> str:
    """A module's name; that of a user's file is its stem."""
    return LOADED_MODULE.sub("", name)


def function_label(thing: Any) -> str:
    """`module.name` of a function or class; the name alone for what stands in the script that is run."""
    module = module_label(getattr(thing, "__module__", None) or "")
    name = getattr(thing, "__qualname__", "") or type(thing).__name__
    return f"{module}.{name}" if module and module != "__main__" else name
