"""Files below one folder and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from millwright.core.errors import InvalidInputError
from millwright.core.records.file import check_file_path
from millwright.registry.exchange.content import Artifact
from millwright.registry.exchange.place import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE_BYTES = 1 << 20


class ArtifactFolder:
    """The artifacts of an MLflow store, as they stand in a folder of this machine.

    Args:
        root: What `mlflow-artifacts:/` stands for; `file:` URIs and plain paths must lead into it, too.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = None if root is None else root.resolve()

    def list_files(self, uri: str) -> list[Artifact]:
        """The files below a URI, by path; empty when there is no such folder. Links are passed over.

        Raises:
            UnreachableError: The URI does not lead into the root.
        """
        top = self._folder(uri)
        found = []
        for folder, _, names in os.walk(top, followlinks=False):
            for name in names:
                path = Path(folder) / name
                if path.is_symlink() or not path.is_file():
                    continue
                relative = path.relative_to(top).as_posix()
                found.append(Artifact(path=relative, size_bytes=path.stat().st_size))
        return sorted(found, key=lambda file: file.path)

    def read_file(self, uri: str, path: str) -> Iterator[bytes]:
        """A file's bytes in pieces.

        Raises:
            UnreachableError: It does not lie in the root, or is a link.
        """
        top = self._folder(uri)
        full = top / check_file_path(path)
        if full.is_symlink() or full.resolve() != full:
            raise UnreachableError(f"{path} is a link.")
        with full.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece

    def _folder(self, uri: str) -> Path:
        if self._root is None:
            raise UnreachableError(f"Nobody said where {uri or 'its artifacts'} is: name the folder with --artifacts.")
        parts = urlsplit(uri)
        if "\0" in uri:
            raise UnreachableError("The URI of its artifacts holds a NUL.")
        if parts.scheme == "mlflow-artifacts":
            try:
                return self._inside(self._root / check_file_path(unquote(parts.path).strip("/")), uri)
            except InvalidInputError as error:
                raise UnreachableError(error.message) from error
        if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
            return self._inside(Path(unquote(parts.path)), uri)
        if not parts.scheme:
            return self._inside(self._root / uri if not uri.startswith("/") else Path(uri), uri)
        raise UnreachableError(f"Artifacts at {uri} are read through the server that has them: import from its URL.")

    def _inside(self, path: Path, uri: str) -> Path:
        real = path.resolve()
        if self._root is None or not real.is_relative_to(self._root) or real == self._root:
            raise UnreachableError(f"{uri} does not lie below {self._root}.")
        return real
