"""`ArtifactStoreConformance` on local folders, on an fsspec file system and on S3."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from millwright.testing.artifacts import ArtifactStoreConformance
from millwright.testing.opener import StoreOpener

if TYPE_CHECKING:
    from pathlib import Path


def opener_at(url: str, tmp_path: Path) -> StoreOpener:
    records_url = f"sqlite:///{tmp_path}/unused.db"
    return StoreOpener(records_url=records_url, artifacts_url=url, predictions_url=url, family="artifacts")


class TestLocalArtifactStore(ArtifactStoreConformance):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> StoreOpener:
        return opener_at(str(tmp_path / "größe here" / "blobs"), tmp_path)


class TestRemoteArtifactStore(ArtifactStoreConformance):
    shared_between_processes = False

    @pytest.fixture
    def opener(self, tmp_path: Path) -> StoreOpener:
        return opener_at(f"memory://{uuid4().hex}", tmp_path)


class TestS3ArtifactStore(ArtifactStoreConformance):
    @pytest.fixture
    def opener(self, bucket: str, tmp_path: Path) -> StoreOpener:
        return opener_at(f"{bucket}/{uuid4().hex}", tmp_path)
