"""Delta tables of others: a version of one, and what changed from one version to another."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.credential import without_credentials
from millwright.core.digest import digest_json
from millwright.core.errors import InvalidInputError, StorageError
from millwright.data.sources.header import clean_headers
from millwright.data.sources.place import one_line
from millwright.data.sources.request import OpenedSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltalake import DeltaTable

    from millwright.core.progress import ProgressTask
    from millwright.data.sources.request import SourceOptions

_CHANGE, _VERSION, _TIME = "_change_type", "_commit_version", "_commit_timestamp"
_COUNT = "\0count"  # no column of a table has such a name


@dataclass(frozen=True, slots=True)
class DeltaChange:
    """What became of a table's rows from one version to another, on balance.

    Attributes:
        added: Rows that are there now and were not, as often as there are more of them.
        removed: Rows that were there and are not any more, likewise; an update is one of each.
    """

    added: pl.DataFrame
    removed: pl.DataFrame


@contextmanager
def open_delta(source: str, options: SourceOptions) -> Iterator[OpenedSource]:
    """A version of a Delta table.

    Raises:
        InvalidInputError: There is no such table or version, or it uses what this reader does not know.
        StorageError: It cannot be reached.
    """
    table = _opened(source, options.version)
    version, identity = int(table.version()), str(table.metadata().id)
    yield OpenedSource(
        uri=without_credentials(source),
        digest=digest_json({"delta": identity, "version": version}),
        load=lambda task: (_rows(source, version, task), "delta"),
        position={"table": identity, "version": version},
    )


def read_delta_change(source: str, table_id: str, since: int, until: int) -> DeltaChange:
    """What changed behind version `since`, up to and including `until`.

    The table's change feed is used where it keeps one, and else the files that came and went: rows that were only
    moved to other files are no change. Rows are compared whole, as often as they occur.

    Raises:
        InvalidInputError: It is another table by now, a version between is gone, or its columns have changed.
        StorageError: It cannot be reached.
    """
    table = _opened(source, until)
    shown = without_credentials(source)
    if str(table.metadata().id) != table_id:
        raise InvalidInputError(
            f"Expected the Delta table at {shown} that was read before, found another one in its place.",
            hint="Read it whole, without --incremental.",
        )
    if since >= until:
        empty = _clean(pl.DataFrame(schema=pl.Schema(table.schema())))
        return DeltaChange(empty, empty)
    with _errors(source, f"the changes from version {since} to {until}"):
        feed = pl.DataFrame(table.load_cdf(starting_version=since + 1, ending_version=until))
    columns = [name for name in feed.columns if name not in {_CHANGE, _VERSION, _TIME}]
    sign = pl.when(pl.col(_CHANGE).is_in(["insert", "update_postimage"])).then(1).otherwise(-1)
    balance = (
        feed.sort(_VERSION, maintain_order=True).group_by(columns, maintain_order=True).agg(sign.sum().alias(_COUNT))
    )
    return DeltaChange(
        _clean(_repeated(balance.filter(pl.col(_COUNT) > 0), columns)),
        _clean(_repeated(balance.filter(pl.col(_COUNT) < 0), columns)),
    )


def _repeated(balance: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    positions = np.repeat(np.arange(balance.height), balance[_COUNT].abs().to_numpy())
    return balance.select(columns)[positions]


def _rows(source: str, version: int, task: ProgressTask) -> pl.DataFrame:
    from deltalake.exceptions import DeltaProtocolError

    table = _opened(source, version)
    with _errors(source, f"version {version}"):
        try:
            frame = pl.DataFrame(table.to_pyarrow_dataset().to_table())
        except DeltaProtocolError:  # deletion vectors or mapped columns; these rows come in no certain order
            frame = pl.DataFrame(table.scan())
    task.advance(frame.height)
    return _clean(frame)


def _clean(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename(dict(zip(frame.columns, clean_headers(frame.columns), strict=True)))


def _opened(source: str, version: int | None) -> DeltaTable:
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    shown = without_credentials(source)
    try:
        with _errors(source, "its log" if version is None else f"version {version}"):
            return DeltaTable(source, version=version)
    except TableNotFoundError as error:
        raise InvalidInputError(
            f"Expected a Delta table at {shown}, found none.", hint="Check the path; a table's folder holds _delta_log."
        ) from error


@contextmanager
def _errors(source: str, what: str) -> Iterator[None]:
    from deltalake.exceptions import DeltaError, TableNotFoundError

    shown = without_credentials(source)
    try:
        yield
    except TableNotFoundError:
        raise
    except (DeltaError, FileNotFoundError, pl.exceptions.PolarsError, NotImplementedError) as error:
        raise InvalidInputError(
            f"Cannot read {what} of the Delta table {shown}: {one_line(error, source)}.",
            hint="Was it vacuumed since, or have its columns changed? Read it whole, without --incremental.",
        ) from error
    except OSError as error:
        raise StorageError(
            f"Cannot read {what} of the Delta table {shown}: {one_line(error, source)}.",
            hint="Check the address and the network.",
        ) from error
