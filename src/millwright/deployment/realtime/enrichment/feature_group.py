"""The features that one view gives a model, and what a row must hold for them to be looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.view import FeatureSelection
from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from millwright.models.signature import Signature


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureGroup:
    """The features of one view that a model takes.

    Attributes:
        selection: The view, and only those of its features.
        names: The columns that they are in a row.
        needs: The columns that a row must hold: the entity's keys, and what an on-demand view wants of the request.
        plain: For features whose values have another form in JSON: what makes it.
    """

    selection: FeatureSelection
    names: tuple[str, ...]
    needs: tuple[str, ...]
    plain: Mapping[str, Callable[[Any], Any]]


def feature_groups(
    selections: Sequence[FeatureSelection], columns: set[str], signature: Signature
) -> list[FeatureGroup]:
    """The groups of a service, of those features that a model takes.

    Args:
        selections: The service's.
        columns: Names of features that the training rows had.
        signature: The model's. A feature whose values are none of its column's type is left out: the column was made
            of it under its own name, and is not the feature.
    """
    wanted = {column.name: column.type for column in signature.inputs if column.name in columns}
    groups = []
    for selection in selections:
        types = {feature.name: feature.polars_type for feature in selection.view.features}
        chosen = [
            (name, output)
            for name, output in zip(selection.names, selection.outputs, strict=True)
            if output in wanted and _fits(types[name], wanted[output])
        ]
        if chosen:
            made = ((output, _plain(types[name])) for name, output in chosen)
            groups.append(
                FeatureGroup(
                    selection=FeatureSelection(
                        view=selection.view,
                        names=tuple(name for name, _ in chosen),
                        keys=selection.keys,
                        prefix=selection.prefix,
                    ),
                    names=tuple(output for _, output in chosen),
                    needs=_needs(selection),
                    plain={output: back for output, back in made if back is not None},
                )
            )
    return groups


def _needs(selection: FeatureSelection) -> tuple[str, ...]:
    view = selection.view
    if isinstance(view, OnDemandFeatureView):
        return tuple(dict.fromkeys((*view.keys, *(feature.name for feature in view.request))))
    return selection.entity_columns


def _fits(dtype: pl.DataType, column: ColumnType) -> bool:
    if dtype.is_integer():
        return column in (ColumnType.INTEGER, ColumnType.NUMBER)
    if dtype.is_float():
        return column is ColumnType.NUMBER
    if dtype == pl.Boolean:
        return column is ColumnType.BOOLEAN
    if dtype in (pl.Date, pl.Datetime):
        return column is ColumnType.DATE
    return dtype == pl.String and column in (ColumnType.CATEGORY, ColumnType.TEXT)


def _plain(dtype: pl.DataType) -> Callable[[Any], Any] | None:
    """What makes a JSON value of a feature's; None where it is one already."""
    if dtype.is_float():
        # What is not finite counts as missing in training, too.
        return lambda value: value if isfinite(value) else None
    if dtype in (pl.Date, pl.Datetime):
        return lambda value: value.isoformat()
    return None
