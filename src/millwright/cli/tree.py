"""The tree of commands, of which only what is called is built: Typer's builds all, longer than most commands take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from typer.main import get_command, get_command_from_info, get_command_name, get_group_from_info

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer


def command_tree(app: typer.Typer) -> Any:
    """The command of an app, to be called with its arguments, as `typer.main.get_command` gives it."""
    root: Any = get_command(_bare(app))
    root.commands = _Branches(app)
    return root


class _Branches(Mapping[str, Any]):
    """The commands and groups of an app by their names, each built when it is first asked for."""

    def __init__(self, app: typer.Typer) -> None:
        self._build: dict[str, Callable[[], Any]] = {}
        self._built: dict[str, Any] = {}
        for command in app.registered_commands:
            name = command.name or get_command_name(command.callback.__name__ if command.callback else "")
            self._build[name] = partial(
                get_command_from_info,
                command,
                pretty_exceptions_short=app.pretty_exceptions_short,
                rich_markup_mode=app.rich_markup_mode,
            )
        for group in app.registered_groups:
            self._build[str(group.name)] = partial(_group, app, group)

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = self._build[name]()
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._build)

    def __len__(self) -> int:
        return len(self._build)


def _group(app: typer.Typer, group: Any) -> Any:
    info = copy(group)
    info.typer_instance = _bare(group.typer_instance)
    built: Any = get_group_from_info(
        info,
        pretty_exceptions_short=app.pretty_exceptions_short,
        suggest_commands=app.suggest_commands,
        rich_markup_mode=app.rich_markup_mode,
    )
    built.commands = _Branches(group.typer_instance)
    return built


def _bare(app: typer.Typer) -> typer.Typer:
    """The app without its commands and groups."""
    bare = copy(app)
    bare.registered_commands, bare.registered_groups = [], []
    return bare
