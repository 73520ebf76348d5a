"""The columns that a caller may give where the server looks features up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.models.column import ColumnType, SignatureColumn

if TYPE_CHECKING:
    from collections.abc import Collection

    from millwright.data.features.feature_lookup import FeatureLookup
    from millwright.models.signature import Signature

_KINDS = {"Boolean": ColumnType.BOOLEAN, "Float32": ColumnType.NUMBER, "Float64": ColumnType.NUMBER}


def asked_columns(
    signature: Signature, lookup: FeatureLookup, looked_up: Collection[str]
) -> tuple[SignatureColumn, ...]:
    """The signature's columns, with those that are looked up not required, then keys and columns of the request.

    Args:
        signature: The model's.
        lookup: What the version's record says.
        looked_up: The columns that are looked up.
    """
    inputs = tuple(
        replace(column, required=False, may_be_null=column.nullable) if column.name in looked_up else column
        for column in signature.inputs
    )
    known = {column.name for column in inputs}
    others = {**lookup.keys, **lookup.request}
    return inputs + tuple(
        SignatureColumn(name=name, type=_column_type(dtype), required=False)
        for name, dtype in others.items()
        if name not in known
    )


def _column_type(dtype: str) -> ColumnType:
    if dtype.startswith(("Int", "UInt")):
        return ColumnType.INTEGER
    if dtype.startswith("Date"):
        return ColumnType.DATE
    return _KINDS.get(dtype, ColumnType.TEXT)
