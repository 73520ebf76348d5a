"""What is asked of a source, and what is known of it before it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from millwright.core.ids import Digest
from millwright.core.progress import ProgressTask


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOptions:
    """How to read a source; what does not concern its kind must be left out.

    Attributes:
        format: A name of `source_kinds()`; empty: told from the source.
        sheet: Of a workbook: its name, or its position from 1.
        query: For a database: the SELECT to run.
        table: For a database: the table to read, `schema.table` or `table`.
        version: Of a Delta table; None for the latest.
        start: Where a Kafka window begins: `earliest`, an offset, or an ISO time.
        end: Where it ends, itself not included: `latest`, an offset, or an ISO time.
        most: Most messages of a Kafka topic; None for all of the window.
        values: How a Kafka message's value is read: `json` (an object's fields become columns) or `text`.
    """

    format: str = ""
    sheet: str = ""
    query: str = ""
    table: str = ""
    version: int | None = None
    start: str = ""
    end: str = ""
    most: int | None = None
    values: str = ""

    def given(self) -> dict[str, Any]:
        """What was asked for beyond the source itself, as JSON values; empty when nothing was."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value not in {"", None}}


PLAIN = SourceOptions()


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """One file that a source consists of.

    Attributes:
        uri: Without credentials.
        digest: Of its bytes.
    """

    uri: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as its source has it.

    Attributes:
        frame: The rows, with clean column names.
        uri: Where it came from, as the user named it, without credentials.
        digest: Of the source's bytes or of what else identifies its content; None where only the rows do.
        format: `csv`, `tsv`, `parquet`, `jsonl`, `json`, `arrow`, `excel`, `delta`, `sql`, `kafka`, `frame`.
    """

    frame: pl.DataFrame
    uri: str
    digest: Digest | None
    format: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedSource:
    """A source that was found and not yet read.

    Attributes:
        uri: As the user named it, without credentials.
        digest: Of what would be read; None where only reading tells.
        files: The files that it consists of; none for services.
        position: How far reading it gets, JSON values; for sources that can be read on from there.
        load: Reads the rows, telling their number as they come; returns them and the format.
        in_batches: The same rows one frame after the other, and the format; None from small sources, and from those
            that have to be read whole.
    """

    uri: str
    digest: Digest | None
    load: Callable[[ProgressTask], tuple[pl.DataFrame, str]]
    files: tuple[SourceFile, ...] = ()
    position: Mapping[str, Any] = field(default_factory=dict)
    in_batches: Callable[[], tuple[Iterator[pl.DataFrame], str] | None] = lambda: None
