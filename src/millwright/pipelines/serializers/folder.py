"""Folders of files by content: a manifest, and a blob per different file."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.digest import canonical_json
from millwright.core.errors import IntegrityError
from millwright.core.folder_scan import FoundFile, check_path, scan_folder, stat_file
from millwright.core.ids import Digest
from millwright.pipelines.folder import Folder
from millwright.storage.base import ArtifactStore

if TYPE_CHECKING:
    from pathlib import Path

_THREADS = 8  # each waits for the disk most of the time
_READ_ONLY = 0o444


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """The files that a manifest names.

    Attributes:
        data: The manifest.
        files: Digests by path.
        artifacts: Where the files' bytes are.
    """

    data: bytes
    files: Mapping[str, Digest]
    artifacts: ArtifactStore

    @property
    def paths(self) -> tuple[str, ...]:
        """See `FolderContent.paths`."""
        return tuple(self.files)

    @property
    def parts(self) -> tuple[Digest, ...]:
        """The digests of the files, each once, sorted."""
        return tuple(sorted(set(self.files.values())))

    def write_to(self, target: Path, *, link: bool) -> None:
        """See `FolderContent.write_to`; every file's bytes are compared with its digest.

        Raises:
            NotFoundError: A blob is not there.
            IntegrityError: A blob is damaged.
        """
        for folder in {(target / path).parent for path in self.files}:
            folder.mkdir(parents=True, exist_ok=True)
        put = self._link if link else self._copy
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(lambda path: put(self.files[path], target / path), self.files):
                pass

    def _copy(self, digest: Digest, target: Path) -> None:
        with self.artifacts.local_path(digest) as stored:
            shutil.copyfile(stored, target)

    def _link(self, digest: Digest, target: Path) -> None:
        with self.artifacts.local_path(digest) as stored:
            try:
                os.link(stored, target)
            except OSError:  # another disk, or one without links
                shutil.copyfile(stored, target)
            target.chmod(_READ_ONLY)


class FolderSerializer:
    """`millwright.Folder` as a JSON manifest: `{"files": {path: [digest, size in bytes]}}`, sorted."""

    name = "folder"

    def handles(self, value_type: type) -> bool:
        """Whether it is `Folder`."""
        return value_type is Folder

    def store(self, value: Any, artifacts: ArtifactStore) -> tuple[bytes, tuple[Digest, ...]]:
        """See `PartSerializer.store`.

        Raises:
            NotFoundError: There is no such folder.
            InvalidInputError: It holds what cannot be kept: links out of it, pipes, names that are no text.
            ValueError: A file was written to meanwhile.
        """
        if isinstance(value.unchanged, StoredFolder):
            return value.unchanged.data, value.unchanged.parts
        root = value.path
        files = scan_folder(root)
        with ThreadPoolExecutor(_THREADS) as pool:
            digests = list(pool.map(lambda file: _put(root, file, artifacts), files))
        listed = {file.path: [digest, file.size_bytes] for file, digest in zip(files, digests, strict=True)}
        return canonical_json({"files": listed}), tuple(sorted(set(digests)))

    def fetch(self, data: bytes, annotation: Any, artifacts: ArtifactStore) -> Folder:
        """See `PartSerializer.fetch`; files are read when they are asked for.

        Raises:
            IntegrityError: It is no manifest.
            InvalidInputError: A path leaves the folder.
        """
        del annotation
        try:
            listed = json.loads(data)["files"]
            files = {check_path(path): Digest(digest) for path, (digest, _) in sorted(listed.items())}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise IntegrityError(
                "Expected the manifest of a folder, found something else.",
                hint="Run the step that made it again with --force.",
            ) from error
        return Folder.of(StoredFolder(data, files, artifacts))


def _put(root: Path, file: FoundFile, artifacts: ArtifactStore) -> Digest:
    try:
        digest = artifacts.put_file(root / file.path)
        now = stat_file(root, file.path)
    except FileNotFoundError as error:
        raise ValueError(f"the file {file.path} has gone while the folder was stored") from error
    if now != file:
        raise ValueError(f"the file {file.path} was written to while the folder was stored")
    return digest
