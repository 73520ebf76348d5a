"""Columns that settings name, beside those that a model has: a typo is told before anything is judged by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import closest
from millwright.models.column import ColumnType
from millwright.monitoring.monitored_column import monitored_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from millwright.models.signature import Signature
    from millwright.monitoring.settings import MonitorSettings


def unknown_columns(
    settings: MonitorSettings, signature: Signature, *, times: Collection[str] | None = None
) -> list[str]:
    """What settings name and a model does not have, one sentence for each, with the nearest name.

    Args:
        settings: Whose columns: of limits, of the season, of slices and of groups.
        signature: Of the model.
        times: The columns of moments that the reference knows; None leaves the season's own column alone.
    """
    inputs = [column.name for column in signature.inputs]
    single = [column.name for column in monitored_columns(signature)]
    limited = {*settings.drift.columns, *settings.drift.rules, *settings.season.without}
    looked_up: list[tuple[str, Iterable[str], Collection[str]]] = [
        ("Limits are set for the column '{}', which is none of the model's", sorted(limited), single),
        ("The model takes no column '{}' to slice by", settings.slices.columns or (), inputs),
        ("The model takes no column '{}' to group by", settings.bias.groups, inputs),
    ]
    if times is not None and settings.season.enabled and settings.season.column:
        said = "The reference has no date '{}' to tell the season by (season_column)"
        looked_up.append((said, [settings.season.column], times))
    return [
        f"{said.format(name)}. {closest(name, known) or _listed(known)}"
        for said, names, known in looked_up
        for name in names
        if name not in known
    ]


def dates_of(signature: Signature) -> list[str]:
    """The dates that a model takes."""
    return [column.name for column in signature.inputs if column.type is ColumnType.DATE]


def _listed(known: Collection[str]) -> str:
    return f"Known: {', '.join(known)}." if known else "There is none."
