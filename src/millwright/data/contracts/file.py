"""Contract files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.python_file import python_contract
from millwright.data.contracts.rendering import dump_contract

if TYPE_CHECKING:
    from millwright.data.contracts.contract import Contract

__all__ = ["dump_contract", "load_contract", "parse_contract", "read_document"]


def load_contract(path: str | Path) -> Contract:
    """Read a contract's file: YAML, or Python (`contract.py`, or `contract.py:NAME` where it makes several).

    Raises:
        InvalidInputError: There is no such file, or it holds no contract. The message names the line, and the closest
            known key for an unknown one.
    """
    script, _, name = str(path).partition(".py:")
    file = Path(f"{script}.py" if name else path)
    if file.suffix == ".py" and file.is_file():
        return python_contract(file, name)
    return parse_contract(_text(file), source=file.name)


def read_document(path: str | Path) -> str:
    """A file's text as it is; of a Python file, the contract that it makes as YAML.

    Raises:
        InvalidInputError: There is no such file, it is no text, or it makes no contract.
    """
    is_python = ".py:" in str(path) or Path(path).suffix == ".py"
    return dump_contract(load_contract(path)) if is_python else _text(Path(path))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        near = [entry.name for entry in file.parent.glob("*.y*ml")] if file.parent.is_dir() else []
        raise InvalidInputError(
            f"There is no contract file {file}.",
            hint=closest(file.name, near) or "Make one with: mw data contract infer FILE -o contract.yaml",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            f"Cannot read the contract file {file}: {getattr(error, 'strerror', None) or error}.",
            hint="Expected a text file in UTF-8.",
        ) from error
