"""The files of versions in the tree of named artifacts: `registry/<name>/<version>/…`, for MLflow's clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from millwright.core.ids import Digest
    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.base.artifacts import ArtifactStore
    from millwright.storage.base.files import FileStore

PACKAGE = "package.zip"


def version_folder(name: str, version: int) -> str:
    """Where the files of a version are in the tree."""
    return f"registry/{name}/{version}"


def version_location(version: ModelVersionRecord) -> str:
    """The URI of a version's files, for MLflow's clients."""
    if version.package is not None:
        return f"mlflow-artifacts:/{version_folder(version.name, version.version)}"
    return version.location or version.source


def name_files(files: FileStore, artifacts: ArtifactStore, version: ModelVersionRecord, at: datetime) -> None:
    """Name a version's package and documents in the tree."""
    if version.package is None:
        return
    folder = version_folder(version.name, version.version)
    files.put(f"{folder}/{PACKAGE}", version.package, version.size_bytes, at)
    name_documents(files, artifacts, version, version.documents, at)


def name_documents(
    files: FileStore,
    artifacts: ArtifactStore,
    version: ModelVersionRecord,
    documents: Mapping[str, Digest],
    at: datetime,
) -> None:
    """Name some of a version's documents in the tree."""
    if version.package is None:
        return
    folder = version_folder(version.name, version.version)
    for name, digest in documents.items():
        files.put(f"{folder}/{name}", digest, artifacts.size(digest) or 0, at)


def move_files(files: FileStore, version: ModelVersionRecord, new_name: str, at: datetime) -> None:
    """Name a version's files under another model's name, and no longer under its own."""
    folder = version_folder(version.name, version.version)
    for found in list(files.walk(folder)):
        if found.digest is not None:
            path = version_folder(new_name, version.version) + found.path.removeprefix(folder)
            files.put(path, found.digest, found.size_bytes, at)
    files.delete(folder)


def remove_files(files: FileStore, version: ModelVersionRecord) -> None:
    """Take a version's files out of the tree; those of a version by source stay, since they are its run's."""
    if version.package is not None:
        files.delete(version_folder(version.name, version.version))
