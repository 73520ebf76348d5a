"""Contracts that a Python file makes."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.contract import Contract

if TYPE_CHECKING:
    from pathlib import Path


def python_contract(file: Path, name: str = "") -> Contract:
    """The contract that a Python file makes at its top; the file is run.

    Args:
        file: The file.
        name: The variable that holds it; empty when there is one contract only.

    Raises:
        InvalidInputError: Running it fails, or it makes no contract of that name, or several and none was named.
    """
    try:
        made = runpy.run_path(str(file))
    except Exception as error:
        raise InvalidInputError(
            f"{file.name}: running it failed: {type(error).__name__}: {error}.", hint="Run it with Python to see where."
        ) from error
    found = {key: value for key, value in made.items() if isinstance(value, Contract)}
    if name in found:
        return found[name]
    if name or len(found) != 1:
        hint = closest(name, found) if name else f"Name one, such as {file.name}:{min(found, default='CONTRACT')}."
        expected = f"a contract '{name}'" if name else "one contract"
        raise InvalidInputError(f"{file.name}: expected {expected}, found {', '.join(found) or 'none'}.", hint=hint)
    return next(iter(found.values()))
