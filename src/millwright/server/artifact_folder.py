"""The artifacts of a run or a logged model, as far as this server keeps them. Free of any web framework."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.file import check_file_path
from millwright.server.mlflow.artifacts.artifact_uri import stored_run_location, tree_path
from millwright.server.mlflow.failure import WireError
from millwright.storage.base import FileStore

if TYPE_CHECKING:
    from millwright.core.records.file import FileRecord
    from millwright.core.records.logged_model import LoggedModelRecord
    from millwright.core.records.run import RunRecord
    from millwright.storage.catalog import Stores


@dataclass(frozen=True, slots=True)
class ArtifactFolder:
    """A place in the tree of named artifacts; paths given and taken begin there.

    Attributes:
        files: The whole tree.
        root: The place.
    """

    files: FileStore
    root: str

    def children(self, path: str = "", *, limit: int, after: str = "") -> list[FileRecord]:
        """What stands in a folder, by name; empty when there is no such folder.

        Raises:
            InvalidInputError: The path is none.
        """
        where = f"{self.root}/{check_file_path(path)}" if path else self.root
        return [self._inner(found) for found in self.files.list(where, limit=limit, after=after)]

    def walk(self, limit: int) -> list[FileRecord]:
        """So many files below it, in order of folder, then name."""
        return [self._inner(found) for found in islice(self.files.walk(self.root), limit)]

    def get(self, path: str) -> FileRecord:
        """A file or folder.

        Raises:
            InvalidInputError: The path is none.
            NotFoundError: There is nothing of that path.
        """
        found = self.files.find(f"{self.root}/{check_file_path(path)}")
        if found is None:
            raise NotFoundError(f"There is no artifact '{path}'.", hint="Open its run to see which there are.")
        return self._inner(found)

    def _inner(self, found: FileRecord) -> FileRecord:
        return replace(found, path=found.path.removeprefix(f"{self.root}/"))


def run_folder(stores: Stores, run: RunRecord) -> ArtifactFolder:
    """The artifacts of a run.

    Raises:
        InvalidInputError: They are not kept by this server.
    """
    return _folder(stores, stored_run_location(stores, run))


def model_folder(stores: Stores, model: LoggedModelRecord) -> ArtifactFolder:
    """The artifacts of a logged model.

    Raises:
        InvalidInputError: They are not kept by this server.
    """
    return _folder(stores, model.artifact_location)


def _folder(stores: Stores, uri: str) -> ArtifactFolder:
    try:
        root = tree_path(uri)
    except WireError as error:
        raise InvalidInputError(error.message, hint="Read them with MLflow's client.") from error
    if not root:
        raise InvalidInputError(f"Expected a folder of its own for artifacts, found the root of all: {uri}.")
    return ArtifactFolder(files=stores.files, root=root)
