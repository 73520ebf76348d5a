"""Where files are: on this machine, behind HTTP, or wherever fsspec reaches. What is read lies in a local file.

A file's digest is taken of the very bytes that are parsed: remote files are hashed while they are fetched, and a local
one that changes while it is read is an error.
"""

from __future__ import annotations

import hashlib
import tempfile
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import unquote, urlsplit, urlunsplit

from millwright.core.credential import scrubbed, without_credentials
from millwright.core.digest import digest_file
from millwright.core.errors import InvalidInputError, MillwrightError, StorageError, closest
from millwright.core.ids import Digest
from millwright.storage.folder import missing_file_system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import stat_result

_CHUNK_BYTES = 1 << 20
_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file that can be read here.

    Attributes:
        path: Where it lies; a copy that goes when the context ends, for remote ones.
        uri: As the user named it, without credentials.
        digest: Of its bytes.
        size: In bytes.
    """

    path: Path
    uri: str
    digest: Digest
    size: int


def is_url(source: str) -> bool:
    """Whether a source is an address, and no path of this machine."""
    return "://" in source


@contextmanager
def fetched(source: str) -> Iterator[FetchedFile]:
    """A file's bytes in a local file, for as long as the context lasts.

    Raises:
        InvalidInputError: There is no such file, it is a folder or empty, cannot be read, or changed meanwhile; or the
            URL is of no known kind.
        MissingExtraError: The library for that kind of URL is not installed.
        StorageError: The URL cannot be reached.
    """
    local = source.removeprefix("file://") if source.startswith("file:///") else source
    if not is_url(local):
        with _local(local) as file:
            yield file
        return
    shown = without_credentials(source)
    with tempfile.TemporaryDirectory(prefix="millwright-") as folder:
        path = Path(folder) / "file"
        digest = _download(source, path)
        size = path.stat().st_size
        if not size:
            raise _empty(shown)
        yield FetchedFile(path, shown, digest, size)


@contextmanager
def _local(source: str) -> Iterator[FetchedFile]:
    path = Path(source).expanduser()
    try:
        before, digest = path.stat(), digest_file(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidInputError(f"There is no file {source}.", hint=_nearby(path)) from error
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"Cannot read the file {source}: {getattr(error, 'strerror', None) or error}.",
            hint="Check the path and its permissions.",
        ) from error
    if not before.st_size:
        raise _empty(source)
    yield FetchedFile(path, source, digest, before.st_size)
    if _identity(before) != _identity(path.stat()):
        raise InvalidInputError(
            f"The file {source} was changed while it was read.", hint="Try again when its writer is done."
        )


def _identity(found: stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _empty(shown: str) -> InvalidInputError:
    return InvalidInputError(f"Expected a table in {shown}, found an empty file.", hint="Give a file with rows.")


def _nearby(path: Path) -> str:
    try:
        return closest(path.name, [entry.name for entry in path.parent.iterdir()]) or "Its folder is empty."
    except OSError:
        return f"There is no folder {path.parent} either."


def _download(url: str, path: Path) -> Digest:
    with remote_errors(url):
        opened = _fetch(url) if urlsplit(url).scheme in {"http", "https"} else _opened(url)
        state = hashlib.sha256()
        with opened as file, path.open("wb") as copy:
            while chunk := file.read(_CHUNK_BYTES):
                state.update(chunk)
                copy.write(chunk)
        return Digest(state.hexdigest())


@contextmanager
def remote_errors(url: str) -> Iterator[None]:
    """What goes wrong with a URL, in words, without the credentials in it."""
    shown, scheme = without_credentials(url), url.partition("://")[0]
    try:
        yield
    except ImportError as error:
        raise missing_file_system(scheme, error) from error
    except FileNotFoundError as error:
        raise InvalidInputError(f"There is no file {shown}.", hint="Check the address.") from error
    except OSError as error:
        raise StorageError(
            f"Cannot read {shown}: {one_line(error, url)}.", hint="Check the address and the network."
        ) from error
    except ValueError as error:
        raise InvalidInputError(
            f"Expected a path or a URL of a kind that fsspec knows, found {shown}.", hint=f"{one_line(error, url)}."
        ) from error
    except MillwrightError:
        raise
    except Exception as error:
        if type(error).__module__ == "builtins":
            raise
        # What file systems such as S3's raise of their libraries' own has no base in common.
        raise StorageError(
            f"Cannot read {shown}: {one_line(error, url)}.", hint="Check the address, the login and the network."
        ) from error


def _opened(url: str) -> BinaryIO:
    import fsspec

    return cast("BinaryIO", fsspec.open(url, "rb").open())


def _fetch(url: str) -> BinaryIO:
    # fsspec's own HTTP file system needs aiohttp, which nothing else here does.
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    request = Request(urlunsplit(parts._replace(netloc=host)))  # noqa: S310 - the scheme was checked
    if login:
        request.add_unredirected_header("Authorization", f"Basic {b64encode(unquote(login).encode()).decode()}")
    try:
        return cast("BinaryIO", urlopen(request, timeout=_TIMEOUT_S))  # noqa: S310 - the scheme was checked
    except HTTPError as error:
        error.close()  # it holds the connection
        raise


def one_line(error: Exception, source: str = "") -> str:
    """An error's text in one line, short enough to read, without the source's credentials."""
    return " ".join(scrubbed(str(error), source).split())[:200].rstrip(".")
