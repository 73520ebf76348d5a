"""The inputs of a transformation: frames, and versions of datasets by their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class InputTable:
    """One input.

    Attributes:
        lazy: Its rows, in their order.
        schema: Its columns.
        size_bytes: Of its files, or of the rows in memory; None for a lazy frame, of which nobody knows.
        files: The Parquet files with exactly these rows, in their order; None when there are none. A file may lack
            columns, which are null then.
    """

    lazy: pl.LazyFrame
    schema: pl.Schema
    size_bytes: int | None
    files: tuple[str, ...] | None = None


Input: TypeAlias = pl.LazyFrame | pl.DataFrame | Dataset | InputTable


def input_tables(inputs: Mapping[str, Input]) -> dict[str, InputTable]:
    """Inputs as engines take them; nothing is read but the logs of datasets.

    Args:
        inputs: Name → frame, version of a dataset, or a table in this form already.

    Raises:
        InvalidInputError: There is no input, its name cannot stand in SQL, or it is no table.
        NotFoundError: A version's rows were removed as old.
        IntegrityError: A version is not there any more.
        StorageError: A dataset's table cannot be read.
    """
    if not inputs:
        raise InvalidInputError("Expected an input, found none.", hint="Name the tables that the transformation uses.")
    for name in inputs:
        if not name.isidentifier():
            raise InvalidInputError(
                f"Expected a name of letters, digits and _ for an input, found '{name}'.",
                hint="Datasets with other signs in their name take _ in their place.",
            )
    return {name: _table(name, value) for name, value in inputs.items()}


def _table(name: str, value: Input) -> InputTable:
    if isinstance(value, InputTable):
        return value
    if isinstance(value, pl.DataFrame):
        return InputTable(lazy=value.lazy(), schema=value.schema, size_bytes=int(value.estimated_size()))
    if isinstance(value, pl.LazyFrame):
        return InputTable(lazy=value, schema=value.collect_schema(), size_bytes=None)
    if not isinstance(value, Dataset):
        raise InvalidInputError(
            f"Expected a Polars frame or a dataset as the input '{name}', found {type(value).__name__}.",
            hint="Convert it, or take it into a dataset first.",
        )
    snapshot = value.snapshot()
    files = [(uri, file) for uri, file in zip(snapshot.uris(), snapshot.files, strict=True) if file.rows]
    return InputTable(
        lazy=snapshot.scan(),
        schema=snapshot.schema,
        size_bytes=sum(file.size_bytes for _, file in files),
        files=tuple(uri for uri, _ in files),
    )
