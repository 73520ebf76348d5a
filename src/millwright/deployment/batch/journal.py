"""The journal of a job: which chunks are done, so that the next run goes on where a killed one stopped.

It is a folder that lasts as long as the job:

    lock          held by the process that works on it; the system lets go of it when the process dies
    job.json      what the job is: its input, model, options and output
    parts.jsonl   one line for each chunk that is done, written behind its files; the last line may be torn
    *.part        a chunk's predictions or refused rows (Arrow), or rows of an input that cannot be read twice
    good.parquet  all predictions, where the output is a Parquet file: in the end it is moved there

A line holds the checksums (CRC-32) of the chunk's files, or the digest of the Parquet file so far. They are compared
when a run goes on, so that what a power cut took is computed again, and nothing has to wait for the disk meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import IO, TYPE_CHECKING, TypeAlias
from zlib import crc32

import msgspec
import polars as pl

from millwright.core.digest import canonical_json, digest_file
from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.ids import new_id
from millwright.deployment.batch.row_groups import RowGroup, RowGroupFile, is_uniform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from millwright.deployment.batch.chunk import Predicted

_LOCK, _JOB, _PARTS, _GOOD = "lock", "job.json", "parts.jsonl", "good.parquet"
_FORM = {"number": 2}  # another one when what is in the folder means something else


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A chunk that is done.

    Attributes:
        index: The chunk's.
        rows: How many rows are predicted.
        rejected: How many are refused.
        reasons: Why: how many values, by reason.
        files: The checksums of its files, by name.
        group: Where its predictions are in the Parquet file; None where they are not in one.
    """

    index: int
    rows: int
    rejected: int
    reasons: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    group: RowGroup | None = None


class _End(msgspec.Struct, forbid_unknown_fields=True):
    """The last line: there are so many chunks."""

    chunks: int


class _Sealed(msgspec.Struct, forbid_unknown_fields=True):
    """The very last line: the Parquet file with all rows has this digest, and may have been moved to the output."""

    sealed: str


_Line: TypeAlias = Part | _End | _Sealed
_KINDS: dict[bytes, type[_Line]] = {b'{"chunks"': _End, b'{"sealed"': _Sealed}


class Journal:
    """What is done of a job; opened by `open_journal`.

    Args:
        folder: Where it is.
        job_id: Of this job, from its first run to its end.
        reason: Why an earlier job's rows were thrown away; empty when there were none, or they are this job's.
        parquet: The Parquet file that the predictions are to be; None when the output is of another kind.
    """

    def __init__(self, folder: Path, job_id: str, reason: str, parquet: Path | None = None) -> None:
        self.folder, self.job_id, self.restarted = folder, job_id, reason
        self._parquet, self._good = parquet, RowGroupFile(folder / _GOOD)
        self._moved = ""  # the digest of the output, where an earlier run got as far
        self.parts: dict[int, Part] = {}
        self.chunks: int | None = None
        self.is_kept = False
        self._lines: IO[bytes] = self._read()

    @property
    def is_complete(self) -> bool:
        """Whether all chunks are done."""
        return self.chunks is not None and len(self.parts) == self.chunks

    @property
    def rows(self) -> int:
        """How many rows are through, predicted or refused."""
        return sum(part.rows + part.rejected for part in self.parts.values())

    def add(self, done: Predicted) -> Part:
        """Keep what became of a chunk; from then on it is done."""
        files = {}
        group = self._good.append(done.good) if self._parquet is not None and done.good.height else None
        for kind, frame in (("good", done.good), ("bad", done.bad)):
            if frame.height and (kind == "bad" or group is None):
                name = f"{kind}-{done.index:08}.part"
                files[name] = self._write(name, frame)
        part = Part(
            index=done.index,
            rows=done.good.height,
            rejected=done.bad.height,
            reasons=dict(done.reasons),
            files=files,
            group=group,
        )
        self._append(asdict(part))
        self.parts[part.index] = part
        return part

    def end(self, chunks: int) -> None:
        """The table has so many chunks, and all are done."""
        self._append({"chunks": chunks})
        self.chunks = chunks

    def frames(self, kind: str) -> Iterator[pl.DataFrame]:
        """The `good` or the `bad` rows in the table's order, chunk by chunk, all with the same columns and types.

        Raises:
            InvalidInputError: A column has values of types that don't go together.
        """
        if kind == "good" and self._parquet is not None:
            groups = self._groups()
            return in_one_schema(lambda: self._good.schemas(groups), lambda: self._good.frames(groups))
        paths = [self.folder / name for _, part in sorted(self.parts.items()) for name in part.files if kind in name]
        return unified(paths)

    def move(self) -> str | None:
        """Make the predictions the output, which appears whole; all chunks are done.

        Returns:
            The output's digest; None when it has to be written from `frames`.
        """
        groups = self._groups()
        if self._moved or self._parquet is None or not is_uniform(groups):
            return self._moved or None
        digest = self._good.seal(groups)
        self._append({"sealed": digest})
        self._good.path.replace(self._parquet)
        return digest

    def close(self) -> None:
        """Write no more."""
        self._lines.close()
        self._good.close()

    def _groups(self) -> list[RowGroup]:
        return [part.group for _, part in sorted(self.parts.items()) if part.group is not None]

    def _write(self, name: str, frame: pl.DataFrame) -> int:
        buffer = BytesIO()
        frame.write_ipc(buffer, compression="uncompressed")  # to compress takes three times as long as all else here
        content = buffer.getvalue()
        (self.folder / name).write_bytes(content)
        return crc32(content)

    def _append(self, line: Mapping[str, object]) -> None:
        self._lines.write(msgspec.json.encode(line) + b"\n")
        self._lines.flush()

    def _read(self) -> IO[bytes]:
        path = self.folder / _PARTS
        lines = _decoded_lines(path.read_bytes()) if path.exists() else []
        lines = self._recovered(lines) if self._parquet is not None else lines
        for found, _ in lines:
            if isinstance(found, _End):
                self.chunks = found.chunks
            elif isinstance(found, Part) and all(self._is_whole(*file) for file in found.files.items()):
                self.parts[found.index] = found
        file = path.open("ab")
        file.truncate(sum(length for _, length in lines))
        return file

    def _recovered(self, lines: list[tuple[_Line, int]]) -> list[tuple[_Line, int]]:
        """The lines up to the first row group that is not as it was written."""
        sealed = lines[-1][0].sealed if lines and isinstance(lines[-1][0], _Sealed) else ""
        if sealed and not self._good.path.exists() and _has(self._parquet, sealed):
            self._moved = sealed
            return lines
        groups = [line.group for line, _ in lines if isinstance(line, Part) and line.group is not None]
        left = self._good.recover(groups)
        kept: list[tuple[_Line, int]] = []
        for line, length in lines:
            if isinstance(line, _Sealed):
                break  # it is done again
            if isinstance(line, Part) and line.group is not None:
                if not left:
                    break
                left -= 1
            kept.append((line, length))
        return kept

    def _is_whole(self, name: str, checksum: int) -> bool:
        path = self.folder / name
        return path.is_file() and crc32(path.read_bytes()) == checksum


def _has(path: Path | None, digest: str) -> bool:
    return path is not None and path.is_file() and digest_file(path) == digest


def _decoded_lines(content: bytes) -> list[tuple[_Line, int]]:
    """Each line and its length, up to the first that is torn: what comes behind it was not written."""
    found: list[tuple[_Line, int]] = []
    with contextlib.suppress(msgspec.DecodeError):
        for line in content.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            found.append((msgspec.json.decode(line, type=_KINDS.get(line[:9], Part)), len(line)))
    return found


def unified(paths: list[Path]) -> Iterator[pl.DataFrame]:
    """Frames that were written as Arrow files, one after the other, in types that hold the values of all.

    Raises:
        InvalidInputError: There are none for a column.
    """
    return in_one_schema(
        lambda: (pl.Schema(pl.read_ipc_schema(path)) for path in paths), lambda: (pl.read_ipc(path) for path in paths)
    )


def in_one_schema(
    schemas: Callable[[], Iterator[pl.Schema]], frames: Callable[[], Iterator[pl.DataFrame]]
) -> Iterator[pl.DataFrame]:
    """Frames, one after the other, in types that hold the values of all.

    Args:
        schemas: Gives the frames' columns and types.
        frames: Gives the frames.

    Raises:
        InvalidInputError: There are no such types for a column.
    """
    empty = [pl.DataFrame(schema=schema) for schema in schemas()]
    if not empty:
        return
    try:
        schema = pl.concat(empty, how="vertical_relaxed").schema
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"Expected one type in each column of all rows, found others: {str(error).splitlines()[0][:200]}.",
            hint="Bring the rows in line, for example by a contract.",
        ) from error
    for frame in frames():
        yield frame if frame.schema == schema else frame.cast(schema)


@contextmanager
def open_journal(
    folder: Path, job: Mapping[str, Mapping[str, object]], parquet: Path | None = None
) -> Iterator[Journal]:
    """Go on with a job, or begin it.

    The folder goes when the context ends, unless the journal says that it is kept, or it ends with another error than
    one of the input's, and chunks are done.

    Args:
        folder: The job's; made where there is none. What another job left in it is thrown away.
        job: What the job is, by what people call it: `input`, `model`, `options`, `output`; JSON values.
        parquet: The Parquet file that the predictions are to be, of the folder's file system; None when the output is
            of another kind.

    Raises:
        ConflictError: Another process works on it.
        InvalidInputError: The folder cannot be made.
    """
    with _locked(folder):
        job_id, reason = _begun(folder, {**job, "journal's form": _FORM})
        journal = Journal(folder, job_id, reason, parquet)
        try:
            yield journal
        except BaseException as error:
            journal.close()
            if not journal.parts or (isinstance(error, InvalidInputError) and not journal.is_kept):
                _remove(folder)
            raise
        journal.close()
        _remove(folder)


def _begun(folder: Path, job: Mapping[str, Mapping[str, object]]) -> tuple[str, str]:
    """The job's id, and why an earlier one is not gone on with."""
    path = folder / _JOB
    try:
        found = msgspec.json.decode(path.read_bytes())
        changed = [what for what, value in job.items() if found["job"].get(what) != msgspec.to_builtins(value)]
        if not changed:
            return str(found["id"]), ""
        reason = f"{' and '.join(f'the {what}' for what in changed)} changed"
    except FileNotFoundError:
        reason = ""
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        reason = "its journal cannot be read"
    for entry in folder.iterdir():
        if entry.name != _LOCK:
            entry.unlink()
    job_id = new_id()
    partial = folder / f"{_JOB}.new"
    partial.write_bytes(canonical_json({"id": job_id, "job": job}))
    partial.replace(path)
    return job_id, reason


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    import fcntl

    while True:
        with _lock_file(folder) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConflictError(
                    f"Another process is predicting to the same place; its journal is {folder}.",
                    hint="Wait until it is done, or choose another output.",
                ) from error
            if _is_same(file, folder / _LOCK):
                yield
                return


def _lock_file(folder: Path) -> IO[bytes]:
    while True:
        try:
            folder.mkdir(exist_ok=True)
            return (folder / _LOCK).open("ab")
        except OSError as error:
            # Its last owner may have removed it in between.
            if not (isinstance(error, FileNotFoundError) and folder.parent.is_dir()):
                raise InvalidInputError(
                    f"Expected a folder to write to, found that {folder.parent} cannot be written: {error.strerror}.",
                    hint="Create the folder first, or choose another.",
                ) from error


def _is_same(file: IO[bytes], path: Path) -> bool:
    try:
        return os.fstat(file.fileno()).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def _remove(folder: Path) -> None:
    # The files before the lock: who finds no job begins one.
    with contextlib.suppress(FileNotFoundError):
        (folder / _JOB).unlink()
    shutil.rmtree(folder, ignore_errors=True)
