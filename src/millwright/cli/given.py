"""What a call said about the workspace itself, so that the commands it names next find the same one."""

from __future__ import annotations

import shlex
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

_WORDS: ContextVar[tuple[str, ...]] = ContextVar("given", default=())
_NAMES = ("workspace", "profile")


def remember(context: typer.Context) -> None:
    """Keep the options of `mw` itself that were typed; those of the environment hold for the next command anyway."""
    words: list[str] = []
    for name in _NAMES:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE" and context.params.get(name):
            words += [f"--{name}", str(context.params[name])]
    _WORDS.set(tuple(words))


def repeated(command: str) -> str:
    """A command with those options: `mw runs list` becomes `mw --workspace new runs list`."""
    words, first = _WORDS.get(), "mw "
    if not words or not command.startswith(first) or command.startswith("mw --workspace "):
        return command
    return f"{first}{shlex.join(words)} {command.removeprefix(first)}"
