"""What every place of uploads does is in `millwright.testing.uploads`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError
from millwright.storage.backends.artifacts import upload as module
from millwright.storage.backends.artifacts.blob import FolderArtifactStore
from millwright.storage.backends.artifacts.upload import FolderUploadStore
from millwright.storage.folder import LocalFolder

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_upload_leaves_no_folder_and_is_no_blob(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    store = FolderUploadStore(folder)
    upload = store.create("a", now=NOW, lasts_s=60)
    with store.part(upload.id, 1) as writer:
        writer.write(b"x")
        writer.finish()
    assert list(FolderArtifactStore(folder).iter()) == []
    store.delete(upload.id)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_too_many_uploads_are_refused_until_one_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    store = FolderUploadStore(LocalFolder(tmp_path))
    first = store.create("a", now=NOW, lasts_s=60)
    second = store.create("b", now=NOW, lasts_s=60)
    with pytest.raises(ConflictError, match="fewer than 2"):
        store.create("c", now=NOW, lasts_s=60)
    with store.part(first.id, 1) as writer:
        store.complete(first, writer.finish())
    store.create("c", now=NOW, lasts_s=60)
    store.delete(second.id)
    store.create("d", now=NOW, lasts_s=60)
