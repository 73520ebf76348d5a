"""Which files a folder or a pattern names, and a mark of each that changes when the file does."""

from __future__ import annotations

import glob
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.credential import without_credentials
from millwright.core.digest import digest_file
from millwright.core.errors import InvalidInputError, closest
from millwright.data.sources.file import TABLE_NAMES, suffix_of
from millwright.data.sources.place import FetchedFile, fetched, is_url, remote_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

_WILD = "*["
_CHANGE_MARKS = (
    "ETag",
    "etag",
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "md5Hash",
    "content_md5",
    "created",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedFile:
    """A file that a folder or pattern names.

    Attributes:
        uri: Without credentials.
        name: Its path below what does not vary, with `/`.
        stamp: Changes when the file does, told without reading it; empty where the place tells nothing of the kind.
        path: Where it is for its file system.
        filesystem: Of fsspec; None for this machine.
    """

    uri: str
    name: str
    stamp: str
    path: str
    filesystem: Any = None

    @contextmanager
    def fetched(self) -> Iterator[FetchedFile]:
        """Its bytes in a local file. Raises as `place.fetched` does."""
        if self.filesystem is None:
            with fetched(self.path) as file:
                yield file
            return
        with tempfile.TemporaryDirectory(prefix="millwright-") as folder:
            path = Path(folder) / "file"
            with remote_errors(self.uri):
                self.filesystem.get_file(self.path, str(path))
            size = path.stat().st_size
            if not size:
                raise InvalidInputError(
                    f"Expected a table in {self.uri}, found an empty file.", hint="Remove it, or give it rows."
                )
            yield FetchedFile(path, self.uri, digest_file(path), size)


def names_many(source: str) -> bool:
    """Whether a source is a folder, or a pattern of files' names with `*`, `?` or `[…]`."""
    if source.startswith(("http://", "https://")):
        return False
    if is_url(source) and not source.startswith("file://"):
        return any(sign in source for sign in _WILD) or source.endswith("/") or _is_remote_folder(source)
    path = Path(source.removeprefix("file://")).expanduser()
    try:
        return path.is_dir() or (glob.has_magic(source) and not path.exists())
    except (OSError, ValueError):
        return False


def list_files(source: str) -> list[ListedFile]:
    """The files, in the order of their paths; of folders, those at any depth that are named like tables.

    What is hidden (`.name`) or not meant for readers (`_name`) is left out of folders.

    Raises:
        InvalidInputError: There is none, or the folder is not there.
        MissingExtraError: The library for that kind of URL is not installed.
        StorageError: The place cannot be reached.
    """
    if is_url(source) and not source.startswith("file://"):
        found = _remote(source)
    else:
        found = _local(source.removeprefix("file://"))
    if not found:
        raise InvalidInputError(
            f"Expected files of tables in {without_credentials(source)}, found none.", hint=_nearby(source)
        )
    return sorted(found, key=lambda file: file.name)


def _nearby(source: str) -> str:
    if is_url(source):
        return "Check the address and its pattern."
    path = Path(source).expanduser()
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        return f"There is no folder {folder}."
    return closest(path.name, [entry.name for entry in folder.iterdir()]) or "The folder is empty."


def _local(source: str) -> list[ListedFile]:
    path = Path(source).expanduser()
    if path.is_dir():
        root, paths = path, [file for file in path.rglob("*") if _is_table(file.relative_to(path).as_posix())]
    else:
        root = _fixed(path)
        paths = [Path(name) for name in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - any pattern, also rooted
    return [
        ListedFile(uri=str(file), name=file.relative_to(root).as_posix(), stamp=_local_stamp(file), path=str(file))
        for file in paths
        if file.is_file()
    ]


def _fixed(pattern: Path) -> Path:
    """The part of a pattern's path before its first variable name."""
    parts: list[str] = []
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            break
        parts.append(part)
    return Path(*parts)


def _local_stamp(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}"


def _is_table(name: str) -> bool:
    return not any(part.startswith((".", "_")) for part in name.split("/")) and (
        suffix_of(name.removesuffix(".gz")) in TABLE_NAMES
    )


def _is_remote_folder(source: str) -> bool:
    import fsspec

    if suffix_of(source):
        return False
    with remote_errors(source):
        filesystem, path = fsspec.core.url_to_fs(source)
        return bool(filesystem.isdir(path))


def _remote(source: str) -> list[ListedFile]:
    import fsspec

    with remote_errors(source):
        filesystem, path = fsspec.core.url_to_fs(source)
        filesystem.invalidate_cache()
        if any(sign in source for sign in _WILD):
            root = str(_fixed(Path(path)))
            infos: dict[str, dict[str, Any]] = filesystem.glob(path, detail=True)
        else:
            root = path.rstrip("/")
            infos = filesystem.find(path, detail=True)
            infos = {name: info for name, info in infos.items() if _is_table(_below(name, root))}
        return [
            ListedFile(
                uri=without_credentials(filesystem.unstrip_protocol(name)),
                name=_below(name, root),
                stamp=_remote_stamp(info),
                path=name,
                filesystem=filesystem,
            )
            for name, info in infos.items()
            if info.get("type") == "file"
        ]


def _below(name: str, root: str) -> str:
    return name.strip("/").removeprefix(root.strip("/")).lstrip("/")


def _remote_stamp(info: dict[str, Any]) -> str:
    marks = [str(info[key]) for key in _CHANGE_MARKS if info.get(key)]
    return "-".join([str(info.get("size")), *marks]) if marks else ""
