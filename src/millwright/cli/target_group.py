"""The group `mw export`: the commands of installed packages' targets beside our own."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from millwright.core.errors import InvalidInputError, closest


class TargetGroup(TyperGroup):
    """Names all targets, and makes the command of one that an installed package provides when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands' names, those of installed packages last."""
        from millwright.exports.catalog import target_names

        return list(dict.fromkeys((*super().list_commands(ctx), *target_names())))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name.

        Raises:
            InvalidInputError: There is none; all are named.
        """
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            return found
        from millwright.cli.export import command_of

        known = self.list_commands(ctx)
        if cmd_name not in known:
            raise InvalidInputError(
                f"Expected a place to export to, found '{cmd_name}'.",
                hint=closest(cmd_name, known),
                details={"known": known},
            )
        info = CommandInfo(name=cmd_name, callback=command_of(cmd_name))
        return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)
