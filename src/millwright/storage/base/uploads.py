"""Uploads that come in parts, of which the file is made at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from millwright.core.ids import Digest
    from millwright.core.records.upload import UploadRecord
    from millwright.storage.base.artifacts import BlobWriter

MOST_PARTS = 10_000


class UploadStore(ABC):
    """Parts that wait until their upload is complete, on the same place as the artifacts.

    Any number of threads and processes may send parts of one upload. A part is there whole or not at all, and durable
    when its writer has finished. What was neither completed nor aborted is removed by `expire`.

    Every method that takes an id raises `InvalidInputError` for one that is none of ours; it never becomes a path.
    """

    @abstractmethod
    def create(self, path: str, *, now: datetime, lasts_s: float) -> UploadRecord:
        """Begin an upload of the artifact at `path`, which expires after some seconds.

        Raises:
            ConflictError: Too many have begun that did not end.
        """

    @abstractmethod
    def find(self, upload_id: str, now: datetime) -> UploadRecord | None:
        """An upload that has not ended; a completed one is found until it expires."""

    @abstractmethod
    def part(self, upload_id: str, number: int) -> AbstractContextManager[BlobWriter]:
        """Store a part (1 to 10,000), replacing the one of that number; nothing is left unless it was finished."""

    @abstractmethod
    def sizes(self, upload_id: str) -> dict[int, int]:
        """The parts that are there: number → bytes."""

    @abstractmethod
    def read_part(self, upload_id: str, number: int, digest: Digest) -> Iterator[bytes]:
        """A part's bytes, in pieces of at most 1 MiB.

        Raises:
            NotFoundError: There is no such part; raised with the first piece.
            IntegrityError: The part has another digest; raised after the last piece.
        """

    @abstractmethod
    def complete(self, upload: UploadRecord, digest: Digest) -> None:
        """Note what an upload's parts became, and remove them."""

    @abstractmethod
    def delete(self, upload_id: str) -> None:
        """Remove an upload with its parts; nothing happens when it is not there."""

    @abstractmethod
    def expire(self, now: datetime) -> int:
        """Remove the uploads whose time is over; how many."""
