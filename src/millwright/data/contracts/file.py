"""Contract files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.rendering import dump_contract

if TYPE_CHECKING:
    from millwright.data.contracts.contract import Contract

__all__ = ["dump_contract", "load_contract", "parse_contract"]


def load_contract(path: str | Path) -> Contract:
    """Read a contract's YAML file.

    Raises:
        InvalidInputError: There is no such file, or it holds no contract. The message names the line, and the closest
            known key for an unknown one.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        near = [entry.name for entry in file.parent.glob("*.y*ml")] if file.parent.is_dir() else []
        raise InvalidInputError(
            f"There is no contract file {path}.",
            hint=closest(file.name, near) or "Make one with: mw data contract FILE -o contract.yaml",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            f"Cannot read the contract file {path}: {getattr(error, 'strerror', None) or error}.",
            hint="Expected a text file in UTF-8.",
        ) from error
    return parse_contract(text, source=file.name)
