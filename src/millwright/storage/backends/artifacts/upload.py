"""Parts of uploads as files beside the blobs."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError, IntegrityError, InvalidInputError, NotFoundError
from millwright.core.ids import Digest
from millwright.core.records.upload import UploadRecord
from millwright.storage.backends.artifacts.hashed_writer import HashedWriter
from millwright.storage.base.uploads import MOST_PARTS, UploadStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.base.artifacts import BlobWriter
    from millwright.storage.folder import Folder

_ROOT = "uploads"
_HEAD = "upload.json"
_DONE = "done.json"  # in place of the head: clients that heard no answer ask again
_ID = re.compile(r"([0-9a-f]{12})-[0-9a-f]{32}")  # when it expires, in ms: an old one is known without opening it
_CHUNK_BYTES = 1 << 20
MOST_OPEN = 1000


class FolderUploadStore(UploadStore):
    """`uploads/<id>/upload.json` (`done.json` in the end), and a file for each part beside it.

    Args:
        folder: That of the artifacts, local or remote.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def create(self, path: str, *, now: datetime, lasts_s: float) -> UploadRecord:
        """See `UploadStore.create`."""
        self.expire(now)
        self._refuse_too_many()
        milliseconds = round((now + timedelta(seconds=lasts_s)).timestamp() * 1000)
        upload_id = f"{milliseconds:012x}-{secrets.token_hex(16)}"
        upload = UploadRecord(id=upload_id, path=path, expires_at=_expiry(upload_id))
        self._write(upload)
        return upload

    def find(self, upload_id: str, now: datetime) -> UploadRecord | None:
        """See `UploadStore.find`."""
        data = self._folder.read(_name(upload_id, _HEAD)) or self._folder.read(_name(upload_id, _DONE))
        if data is None or _expiry(upload_id) <= now:
            return None
        told = json.loads(data)
        return UploadRecord(
            id=upload_id,
            path=told["path"],
            expires_at=_expiry(upload_id),
            digest=Digest(told["digest"]) if told["digest"] else None,
        )

    @contextmanager
    def part(self, upload_id: str, number: int) -> Iterator[BlobWriter]:
        """See `UploadStore.part`."""
        name = _name(upload_id, _part(number))
        with self._folder.new_file() as file:
            yield HashedWriter(file, lambda _digest: name)

    def sizes(self, upload_id: str) -> dict[int, int]:
        """See `UploadStore.sizes`."""
        found = {}
        for name in self._folder.list(_name(upload_id)):
            if name.isdecimal() and (size := self._folder.size(_name(upload_id, name))) is not None:
                found[int(name)] = size
        return found

    def read_part(self, upload_id: str, number: int, digest: Digest) -> Iterator[bytes]:
        """See `UploadStore.read_part`."""
        state = hashlib.sha256()
        with self._folder.open(_name(upload_id, _part(number))) as file:
            if file is None:
                raise NotFoundError(f"The upload has no part {number}.", hint="Send it, then complete again.")
            while chunk := file.read(_CHUNK_BYTES):
                state.update(chunk)
                yield chunk
        if state.hexdigest() != digest:
            raise IntegrityError(
                f"Part {number} has not the bytes that its ETag names.", hint="Send it again, then complete again."
            )

    def complete(self, upload: UploadRecord, digest: Digest) -> None:
        """See `UploadStore.complete`."""
        self._write(replace(upload, digest=digest))
        self._folder.delete(_name(upload.id, _HEAD))
        self._remove_parts(upload.id)

    def delete(self, upload_id: str) -> None:
        """See `UploadStore.delete`."""
        # The head first: parts that come from now on find no upload.
        for name in (_HEAD, _DONE):
            self._folder.delete(_name(upload_id, name))
        self._remove_parts(upload_id)
        self._folder.prune(_name(upload_id))

    def expire(self, now: datetime) -> int:
        """See `UploadStore.expire`."""
        old = [name for name in self._folder.list(_ROOT) if _ID.fullmatch(name) and _expiry(name) <= now]
        over = [name for name in old if self._folder.list(_name(name))]  # some places keep empty folders
        for name in over:
            self.delete(name)
        return len(over)

    def _write(self, upload: UploadRecord) -> None:
        told = json.dumps({"path": upload.path, "digest": upload.digest})
        self._folder.write(_name(upload.id, _DONE if upload.digest else _HEAD), told.encode())

    def _refuse_too_many(self) -> None:
        names = self._folder.list(_ROOT)
        if len(names) < MOST_OPEN:
            return
        begun = sum(self._folder.size(f"{_ROOT}/{name}/{_HEAD}") is not None for name in names)
        if begun >= MOST_OPEN:
            raise ConflictError(
                f"Expected fewer than {MOST_OPEN} uploads in parts under way, found {begun}.",
                hint="Complete or abort some, or wait until they expire.",
            )

    def _remove_parts(self, upload_id: str) -> None:
        for name in self._folder.list(_name(upload_id)):
            if name.isdecimal():
                self._folder.delete(_name(upload_id, name))


def _name(upload_id: str, file: str = "") -> str:
    if not _ID.fullmatch(upload_id):
        raise InvalidInputError(
            f"Expected the id of an upload, found {upload_id[:80]!r}.", hint="Take it from the answer that began it."
        )
    return f"{_ROOT}/{upload_id}/{file}".rstrip("/")


def _part(number: int) -> str:
    if not 1 <= number <= MOST_PARTS:
        raise InvalidInputError(
            f"Expected a part number of 1 to {MOST_PARTS:,}, found {number}.", hint="Send larger parts."
        )
    return f"{number:05d}"


def _expiry(upload_id: str) -> datetime:
    return datetime.fromtimestamp(int(upload_id[:12], 16) / 1000, UTC)
