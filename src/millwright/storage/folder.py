"""Opens folders of files, local or anywhere fsspec reaches."""

from __future__ import annotations

from pathlib import Path

from millwright.core.errors import ConfigurationError, MissingExtraError
from millwright.storage.base.folder import Folder, NewFile
from millwright.storage.local_folder import LocalFolder
from millwright.storage.remote_folder import RemoteFolder

__all__ = ["Folder", "LocalFolder", "NewFile", "RemoteFolder", "open_folder"]


def open_folder(url: str) -> Folder:
    """The folder at a local path or at a URL of any kind that fsspec knows.

    Args:
        url: `/some/path`, `file:///some/path`, `s3://bucket/prefix`, `memory://name`, ….

    Raises:
        ConfigurationError: The kind of URL is unknown.
        MissingExtraError: The library for that kind of URL is not installed.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return LocalFolder(Path(url).absolute())
    if scheme in {"file", "local"}:
        return LocalFolder(Path(rest).absolute())
    import fsspec

    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtraError(f"the fsspec file system for {scheme}://", scheme) from error
    except ValueError as error:
        raise ConfigurationError(
            f"Expected a local path or a URL of a kind that fsspec knows, found {scheme}://…: {error}.",
            hint="Use a local path, or for example s3://bucket/prefix.",
        ) from error
    return RemoteFolder(filesystem, root)
