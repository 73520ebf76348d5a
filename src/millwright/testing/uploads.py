"""Conformance of `UploadStore`."""
# ruff: noqa: S101

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.ids import Digest
    from millwright.storage.base.uploads import UploadStore
    from millwright.testing.conformance import Opener

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_LATER = _NOW + timedelta(seconds=61)
_NOT_IDS = ("", ".", "..", "../x", "a" * 45, "0" * 12 + "-" + "A" * 32, "0" * 12 + "-" + "a" * 32 + "\n", "a/b")


def _send(store: UploadStore, upload_id: str, number: int, data: bytes) -> Digest:
    with store.part(upload_id, number) as writer:
        writer.write(data)
        return writer.finish()


class UploadStoreConformance(StoreConformance):
    """Parts that wait for the rest."""

    def test_parts_come_back_by_number(self, store: UploadStore) -> None:
        """In whatever order they came; the last one of a number counts."""
        upload = store.create("1/a.bin", now=_NOW, lasts_s=60)
        _send(store, upload.id, 2, b"old")
        digests = {number: _send(store, upload.id, number, bytes([number]) * (1 << 20) + b"!") for number in (2, 10, 1)}
        assert store.sizes(upload.id) == dict.fromkeys((1, 2, 10), (1 << 20) + 1)
        for number, digest in digests.items():
            pieces = list(store.read_part(upload.id, number, digest))
            assert b"".join(pieces) == bytes([number]) * (1 << 20) + b"!"
            assert max(map(len, pieces)) <= 1 << 20

    def test_upload_is_found_until_it_expires(self, store: UploadStore) -> None:
        """Ids differ, and cannot be guessed from one another."""
        upload = store.create("größe/a b", now=_NOW, lasts_s=60)
        assert store.find(upload.id, _NOW) == upload
        assert upload.path == "größe/a b"
        assert upload.expires_at == _NOW + timedelta(seconds=60)
        assert store.find(upload.id, _LATER) is None
        assert store.create("größe/a b", now=_NOW, lasts_s=60).id[13:] != upload.id[13:]

    def test_completed_upload_has_no_parts_and_is_told_of_again(self, store: UploadStore) -> None:
        """A client that heard no answer asks again."""
        upload = store.create("a", now=_NOW, lasts_s=60)
        digest = _send(store, upload.id, 1, b"x")
        store.complete(upload, digest)
        assert store.sizes(upload.id) == {}
        found = store.find(upload.id, _NOW)
        assert found is not None
        assert found.digest == digest

    def test_deleted_upload_leaves_nothing(self, store: UploadStore) -> None:
        """Also what came too late is removed in the end."""
        upload = store.create("a", now=_NOW, lasts_s=60)
        _send(store, upload.id, 1, b"x")
        store.delete(upload.id)
        store.delete(upload.id)
        assert store.find(upload.id, _NOW) is None
        assert store.sizes(upload.id) == {}
        _send(store, upload.id, 1, b"too late")
        assert store.find(upload.id, _NOW) is None
        assert store.expire(_LATER) == 1
        assert store.sizes(upload.id) == {}

    def test_only_what_is_over_expires(self, store: UploadStore) -> None:
        """Beginning another removes it, too."""
        old = store.create("a", now=_NOW, lasts_s=60)
        _send(store, old.id, 1, b"x")
        young = store.create("b", now=_NOW, lasts_s=600)
        assert store.expire(_NOW) == 0
        store.create("c", now=_LATER, lasts_s=60)
        assert store.sizes(old.id) == {}
        assert store.find(young.id, _LATER) == young
        assert store.expire(_LATER) == 0

    def test_part_that_is_missing_or_another_one_is_told(self, store: UploadStore) -> None:
        """By its digest."""
        upload = store.create("a", now=_NOW, lasts_s=60)
        with pytest.raises(NotFoundError):
            next(store.read_part(upload.id, 1, digest_bytes(b"x")))
        _send(store, upload.id, 1, b"y")
        with pytest.raises(IntegrityError):
            list(store.read_part(upload.id, 1, digest_bytes(b"x")))

    @pytest.mark.parametrize("upload_id", _NOT_IDS)
    def test_what_is_no_id_never_becomes_a_path(self, store: UploadStore, upload_id: str) -> None:
        """In no method."""
        for method in (store.sizes, store.delete, lambda each: store.find(each, _NOW)):
            with pytest.raises(InvalidInputError):
                method(upload_id)
        with pytest.raises(InvalidInputError), store.part(upload_id, 1):
            pass

    @pytest.mark.parametrize("number", [0, -1, 10_001])
    def test_part_numbers_have_bounds(self, store: UploadStore, number: int) -> None:
        """From 1 on."""
        upload = store.create("a", now=_NOW, lasts_s=60)
        with pytest.raises(InvalidInputError), store.part(upload.id, number):
            pass

    def test_threads_send_parts_at_once(self, store: UploadStore) -> None:
        """Each is there whole."""
        upload = store.create("a", now=_NOW, lasts_s=60)
        in_threads(lambda number: _send(store, upload.id, number + 1, b"z" * 1000))
        assert store.sizes(upload.id) == dict.fromkeys(range(1, 9), 1000)

    def test_part_survives_sigkill_once_finished(self, shared_opener: Opener) -> None:
        """One that was not is not there."""
        upload_id = in_killed_process(shared_opener, _send_one_and_a_half)
        with shared_opener() as store:
            assert store.sizes(upload_id) == {1: 4}
            assert store.find(upload_id, _NOW) is not None


def _send_one_and_a_half(store: UploadStore, acknowledge: Callable[[Any], None]) -> None:
    upload = store.create("a", now=_NOW, lasts_s=60)
    _send(store, upload.id, 1, b"kept")
    with store.part(upload.id, 2) as writer:
        writer.write(b"half")
        acknowledge(upload.id)
