"""Sources that are files: one, or all of a folder or a pattern as one table."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl

from millwright.core.credential import without_credentials
from millwright.core.digest import digest_json
from millwright.core.errors import InvalidInputError
from millwright.data.sources.file import read_file, scan_file, suffix_of
from millwright.data.sources.listing import list_files, names_many
from millwright.data.sources.place import fetched
from millwright.data.sources.request import OpenedSource, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.core.ids import Digest
    from millwright.core.progress import ProgressTask
    from millwright.data.sources.listing import ListedFile
    from millwright.data.sources.place import FetchedFile
    from millwright.data.sources.request import SourceOptions

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_SHOWN_COLUMNS = 5
_BATCH_ROWS = 50_000
LARGE_BYTES = 128 << 20  # of files: more are read in batches
_KINDS = {"parquet": {".parquet", ".pq"}, "csv": {".csv"}, "tsv": {".tsv"}}
# Formats whose files say nothing of a column's type beyond its values.
_UNTYPED = {"jsonl", "json", "excel"}


@contextmanager
def open_files(source: str, options: SourceOptions) -> Iterator[OpenedSource]:
    """A file, or the files of a folder or pattern.

    Raises:
        InvalidInputError: There is none, or one cannot be read.
        MissingExtraError: The library for that kind of URL is not installed.
        StorageError: A URL cannot be reached.
    """
    if names_many(source):
        with open_listed(source, list_files(source), options) as found:
            yield found
        return
    with fetched(source) as file:
        given = options.given()
        yield OpenedSource(
            uri=file.uri,
            digest=digest_json([file.digest, given]) if given else file.digest,
            files=(SourceFile(uri=file.uri, digest=file.digest),),
            load=lambda task: _one(file, options, task),
            in_batches=lambda: _one_in_batches(file, options),
        )


def _one(file: FetchedFile, options: SourceOptions, task: ProgressTask) -> tuple[pl.DataFrame, str]:
    frame, kind = read_file(file, options)
    task.advance(frame.height)
    return frame, kind


@contextmanager
def open_listed(source: str, files: Sequence[ListedFile], options: SourceOptions) -> Iterator[OpenedSource]:
    """Some files of a folder or pattern as one table: their rows in the order of the files.

    Folders named `column=value` give a text column each.

    Args:
        source: The folder or pattern.
        files: One or more.
        options: How to read each.
    """
    with ExitStack() as stack:
        yield opened_files(source, [(file.name, stack.enter_context(file.fetched())) for file in files], options)


def opened_files(source: str, files: Sequence[tuple[str, FetchedFile]], options: SourceOptions) -> OpenedSource:
    """Files that are here already, by their names below the folder or pattern, as one source; see `open_listed`."""
    return OpenedSource(
        uri=without_credentials(source),
        digest=_digest(files, options),
        files=tuple(SourceFile(uri=file.uri, digest=file.digest) for _, file in files),
        load=lambda task: _many(files, options, task),
        in_batches=lambda: _many_in_batches(files, options),
    )


def _digest(files: Sequence[tuple[str, FetchedFile]], options: SourceOptions) -> Digest:
    return digest_json({"files": [[name, file.digest] for name, file in files], "options": options.given()})


def _many(
    files: Sequence[tuple[str, FetchedFile]], options: SourceOptions, task: ProgressTask
) -> tuple[pl.DataFrame, str]:
    frames: list[pl.DataFrame] = []
    kinds: list[str] = []
    for name, file in files:
        frame, kind = read_file(file, options)
        frame = _with_folder_columns(frame, name, file.uri)
        if frames:
            frame = _fitted(frame, frames[0], files[0][1].uri, file.uri, is_untyped=kind in _UNTYPED)
        frames.append(frame)
        kinds.append(kind)
        task.advance(frame.height, note=f"{len(frames)} of {len(files)} files")
    kind = kinds[0] if len(set(kinds)) == 1 else "files"
    return pl.concat(frames, how="vertical_relaxed", rechunk=False), kind


def _one_in_batches(file: FetchedFile, options: SourceOptions) -> tuple[Iterator[pl.DataFrame], str] | None:
    found = scan_file(file, options) if file.size > LARGE_BYTES else None
    if found is None:
        return None
    rows, kind = found
    return rows.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True, engine="streaming"), kind


def _many_in_batches(
    files: Sequence[tuple[str, FetchedFile]], options: SourceOptions
) -> tuple[Iterator[pl.DataFrame], str] | None:
    """One file after the other; those that are large themselves in batches, too."""
    if sum(file.size for _, file in files) <= LARGE_BYTES:
        return None
    names = {suffix_of(file.uri) for _, file in files}
    kinds = [kind for kind, those in _KINDS.items() if names <= those]
    if not kinds or options.given():
        return None

    def frames() -> Iterator[pl.DataFrame]:
        expected: pl.DataFrame | None = None
        for name, file in files:
            large = _one_in_batches(file, options)
            for frame in large[0] if large is not None else iter([read_file(file, options)[0]]):
                whole = _with_folder_columns(frame, name, file.uri)
                expected = whole.clear() if expected is None else expected
                yield _fitted(whole, expected, files[0][1].uri, file.uri, is_untyped=False)

    return frames(), kinds[0]


def _with_folder_columns(frame: pl.DataFrame, name: str, uri: str) -> pl.DataFrame:
    folders = [part.partition("=") for part in name.split("/")[:-1] if "=" in part]
    for column, _, value in folders:
        if column in frame.columns:
            raise InvalidInputError(
                f"Expected the column '{column}' either in {uri} or in its folder's name, found it in both.",
                hint="Rename the folder, or read the file by itself.",
            )
        text = None if value == _NO_VALUE else unquote(value)
        frame = frame.with_columns(pl.lit(text, dtype=pl.String).alias(column))
    return frame


def _fitted(frame: pl.DataFrame, first: pl.DataFrame, first_uri: str, uri: str, *, is_untyped: bool) -> pl.DataFrame:
    """The frame with its columns in the first one's order.

    Raises:
        InvalidInputError: It has other columns, or columns of other types.
    """
    expected, found = first.schema, frame.schema
    wrong = [f"'{name}' is absent" for name in expected if name not in found]
    wrong += [f"'{name}' is not in the first" for name in found if name not in expected]
    wrong += [
        f"'{name}' is {found[name]} instead of {expected[name]}"
        for name in expected
        if name in found and not _fit(expected[name], found[name], is_untyped=is_untyped)
    ]
    if wrong:
        more = f" and {len(wrong) - _SHOWN_COLUMNS:,} more" if len(wrong) > _SHOWN_COLUMNS else ""
        raise InvalidInputError(
            f"Expected the columns of {first_uri} in {uri}, found others: {', '.join(wrong[:_SHOWN_COLUMNS])}{more}.",
            hint="Bring the files in line, or read them into datasets of their own.",
            details={"file": uri, "columns": wrong},
        )
    return frame.select(expected.names())


def _fit(expected: pl.DataType, found: pl.DataType, *, is_untyped: bool) -> bool:
    if expected == found or pl.Null in {expected, found}:
        return True
    return is_untyped and expected.is_numeric() and found.is_numeric()
