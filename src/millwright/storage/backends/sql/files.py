"""Named artifacts in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import ConflictError
from millwright.core.ids import Digest
from millwright.core.records.file import FileRecord, check_file_path
from millwright.storage.backends.sql.file_table import FILES
from millwright.storage.base.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from millwright.storage.backends.sql.database import Database

_FILES = FILES.c
_PAGE = 1000
_ATTEMPTS = 20  # at folders that others remove at the same moment


class SqlFileStore(FileStore):
    """See `FileStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(FILES)
        self._make_folder = insert.on_conflict_do_nothing(index_elements=["folder", "name"])
        self._put = insert.on_conflict_do_update(
            index_elements=["folder", "name"],
            set_={name: insert.excluded[name] for name in ("digest", "size_bytes", "modified_at")},
            where=sa.not_(_FILES.is_folder),
        ).returning(_FILES.name)

    def put(self, path: str, digest: Digest, size_bytes: int, at: datetime) -> None:
        """See `FileStore.put`."""
        folder, name = _split(check_file_path(path))
        row = {
            "folder": folder,
            "name": name,
            "is_folder": False,
            "digest": digest,
            "size_bytes": size_bytes,
            "modified_at": at,
        }
        with self._database.write() as connection:
            self._make_folders(connection, folder, at)
            if connection.execute(self._put, row).first() is None:
                raise ConflictError(
                    f"Expected '{path}' to be a file, found a folder.",
                    hint="Choose another name, or delete the folder first.",
                )

    def find(self, path: str) -> FileRecord | None:
        """See `FileStore.find`."""
        folder, name = _split(check_file_path(path))
        statement = sa.select(FILES).where(_FILES.folder == folder, _FILES.name == name)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return None if row is None else _record(row)

    def list(self, path: str = "", *, limit: int | None = None, after: str = "") -> list[FileRecord]:
        """See `FileStore.list`."""
        folder = check_file_path(path) if path else ""
        statement = sa.select(FILES).where(_FILES.folder == folder, _FILES.name > after).order_by(_FILES.name)
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(statement.limit(limit))]

    def walk(self, path: str = "") -> Iterator[FileRecord]:
        """See `FileStore.walk`."""
        below = _below(check_file_path(path) if path else "")
        statement = sa.select(FILES).where(below).order_by(_FILES.folder, _FILES.name).limit(_PAGE)
        last: tuple[str, str] | None = None
        while True:
            page = statement if last is None else statement.where(sa.tuple_(_FILES.folder, _FILES.name) > last)
            with self._database.read() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                if not row.is_folder:
                    yield _record(row)
            if len(rows) < _PAGE:
                return
            last = (rows[-1].folder, rows[-1].name)

    def delete(self, path: str) -> int:
        """See `FileStore.delete`."""
        folder, name = _split(check_file_path(path))
        here = sa.and_(_FILES.folder == folder, _FILES.name == name)
        with self._database.write() as connection:
            # The lock comes first, in a statement of its own: what was put below until then is seen by the next one.
            top = connection.execute(sa.select(_FILES.is_folder).where(here).with_for_update()).first()
            if top is None:
                return 0
            removed = 1
            if top.is_folder:
                below = _below(path)
                count = sa.select(sa.func.count()).select_from(FILES).where(below, sa.not_(_FILES.is_folder))
                removed = connection.execute(count).scalar_one()
                connection.execute(sa.delete(FILES).where(below))
            connection.execute(sa.delete(FILES).where(here))
            return removed

    def is_named(self, digest: Digest) -> bool:
        """See `FileStore.is_named`."""
        with self._database.read() as connection:
            return (
                connection.execute(sa.select(_FILES.name).where(_FILES.digest == digest).limit(1)).first() is not None
            )

    def iter_digests(self) -> Iterator[Digest]:
        """See `FileStore.iter_digests`."""
        statement = sa.select(_FILES.digest).where(_FILES.digest.is_not(None)).distinct().order_by(_FILES.digest)
        last = ""
        while True:
            with self._database.read() as connection:
                page = connection.execute(statement.where(_FILES.digest > last).limit(_PAGE)).scalars().all()
            for digest in page:
                yield Digest(str(digest))
            if len(page) < _PAGE:
                return
            last = str(page[-1])

    def _make_folders(self, connection: Connection, folder: str, at: datetime) -> None:
        """Make the folders down to this one, and keep them from being removed until the transaction ends."""
        rows = _folders(folder, at)
        if not rows:
            return
        wanted = sa.tuple_(_FILES.folder, _FILES.name).in_([(row["folder"], row["name"]) for row in rows])
        statement = sa.select(_FILES.folder, _FILES.name, _FILES.is_folder).where(wanted)
        # In one order, so that two writers never wait for each other in a circle.
        statement = statement.order_by(_FILES.folder, _FILES.name).with_for_update(read=True)
        for _ in range(_ATTEMPTS):
            found = connection.execute(statement).all()
            for row in found:
                if not row.is_folder:
                    raise ConflictError(
                        f"Expected '{_join(row.folder, row.name)}' to be a folder, found a file.",
                        hint="Choose another path, or delete that file first.",
                    )
            if len(found) == len(rows):
                return
            connection.execute(self._make_folder, rows)
        raise ConflictError(f"The folder '{folder}' is being removed by another process.", hint="Try again.")


def _folders(folder: str, at: datetime) -> list[dict[str, Any]]:
    parts = folder.split("/") if folder else []
    return [
        {
            "folder": "/".join(parts[:depth]),
            "name": part,
            "is_folder": True,
            "digest": None,
            "size_bytes": 0,
            "modified_at": at,
        }
        for depth, part in enumerate(parts)
    ]


def _below(path: str) -> ColumnElement[bool]:
    if not path:
        return sa.true()
    # '0' is the character behind '/': a range that the primary key serves.
    return sa.or_(_FILES.folder == path, sa.and_(_FILES.folder >= f"{path}/", _FILES.folder < f"{path}0"))


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _record(row: Row[Any]) -> FileRecord:
    return FileRecord(
        path=_join(row.folder, row.name),
        is_folder=row.is_folder,
        modified_at=row.modified_at,
        digest=None if row.digest is None else Digest(row.digest),
        size_bytes=row.size_bytes,
    )
