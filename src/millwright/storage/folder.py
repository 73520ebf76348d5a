"""Opens folders of files, local or anywhere fsspec reaches."""

from __future__ import annotations

from pathlib import Path

from millwright.core.errors import ConfigurationError, MillwrightError, MissingExtraError
from millwright.storage.base.folder import Folder, NewFile
from millwright.storage.local_folder import LocalFolder
from millwright.storage.remote_folder import RemoteFolder

__all__ = ["Folder", "LocalFolder", "NewFile", "RemoteFolder", "missing_file_system", "open_folder"]

_EXTRAS = {
    "s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "abfs": "azure", "abfss": "azure",
}  # fmt: skip


def open_folder(url: str) -> Folder:
    """The folder at a local path or at a URL of any kind that fsspec knows.

    Args:
        url: `/some/path`, `file:///some/path`, `s3://bucket/prefix`, `memory://name`, ….

    Raises:
        ConfigurationError: The kind of URL is unknown.
        MissingExtraError: The library for that kind of URL is not installed; one that is no extra of ours is a
            ConfigurationError.
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
        raise missing_file_system(scheme, error) from error
    except ValueError as error:
        raise ConfigurationError(
            f"Expected a local path or a URL of a kind that fsspec knows, found {scheme}://…: {error}.",
            hint="Use a local path, or for example s3://bucket/prefix.",
        ) from error
    return RemoteFolder(filesystem, root)


def missing_file_system(scheme: str, error: ImportError) -> MillwrightError:
    """What to say when the library for a kind of URL is not installed."""
    library = f"the fsspec file system for {scheme}://"
    if scheme in _EXTRAS:
        return MissingExtraError(library, _EXTRAS[scheme])
    return ConfigurationError(f"This needs {library}, which is not installed.", hint=" ".join(str(error).split()))
