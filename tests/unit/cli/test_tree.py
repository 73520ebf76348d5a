"""The tree of commands that is built on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer.main

from millwright.cli.main import app
from millwright.cli.tree import command_tree

if TYPE_CHECKING:
    from collections.abc import Iterator


def branches(command: Any, path: str = "mw") -> Iterator[tuple[str, str, list[str], bool]]:
    yield path, command.help or "", [parameter.name for parameter in command.params], command.hidden
    for name, child in getattr(command, "commands", {}).items():
        yield from branches(child, f"{path} {name}")


def test_tree_is_the_one_that_typer_builds() -> None:
    ours, whole = list(branches(command_tree(app))), list(branches(typer.main.get_command(app)))
    assert ours == whole
    assert len(whole) > 100


def test_only_what_is_asked_for_is_built() -> None:
    tree = command_tree(app)
    group = tree.get_command(None, "data")
    assert tree.get_command(None, "data") is group
    assert (set(tree.commands._built), set(group.commands._built)) == ({"data"}, set())
