"""What tells that the content behind a URL has changed, without reading it."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from millwright.core.credential import scrubbed, without_credentials
from millwright.core.digest import digest_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import Digest

_TIMEOUT_S = 10.0
_MOST_FILES = 10_000
# What file systems call the digest or the version of a file's content, and the time of its last change.
_MARKS = ("etag", "md5hash", "content_md5", "md5", "checksum", "crc32c", "versionid", "version_id", "generation")
_TIMES = ("lastmodified", "last_modified", "last-modified", "mtime", "updated", "modified", "created")

Told = tuple["Digest | None", str]


def identify(url: str) -> Told:
    """What stands for the content behind a URL.

    HTTP servers are asked with HEAD, for `ETag` and `Last-Modified`; other addresses through fsspec, for a file's ETag,
    digest, version or time of change. Credentials in the address are used and are no part of the answer.

    Returns:
        A digest that changes when the content does, and "". None and the reason, in words, when nothing tells that.
    """
    shown = without_credentials(url)
    try:
        found = _ask_server(url) if urlsplit(url).scheme.lower() in {"http", "https"} else _ask_file_system(url)
    except Exception as error:  # noqa: BLE001 - each file system raises errors of its own
        told = " ".join(scrubbed(str(error), url).split()).rstrip(".") or type(error).__name__
        return None, f"{shown} cannot be asked whether it has changed ({told:.200})"
    if found is None:
        return None, f"nothing tells whether {shown} has changed"
    return digest_json([shown, found]), ""


def _ask_server(url: str) -> Any:
    from urllib.request import Request, urlopen

    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    request = Request(urlunsplit(parts._replace(netloc=host)), method="HEAD")  # noqa: S310 - the scheme was checked
    request.add_header("Accept-Encoding", "identity")  # another encoding has another ETag
    if login:
        request.add_unredirected_header("Authorization", f"Basic {b64encode(unquote(login).encode()).decode()}")
    with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - the scheme was checked
        headers = answer.headers
        mark = headers.get("ETag") or headers.get("Last-Modified")
        return [mark, headers.get("Content-Length")] if mark else None


def _ask_file_system(url: str) -> Any:
    import fsspec

    system, path = fsspec.core.url_to_fs(url)
    system.invalidate_cache()  # listings are kept from earlier runs of this process
    told = system.info(path)
    if told.get("type") != "directory":
        return _mark(told)
    below = system.find(path, detail=True)
    if len(below) > _MOST_FILES:
        return None
    marks = {str(name).removeprefix(str(path)): _mark(each) for name, each in below.items()}
    return sorted(marks.items()) if marks and all(marks.values()) else None


def _mark(told: Mapping[str, Any]) -> list[str] | None:
    """Of one file: its mark; or its time and size."""
    lowered = {str(name).lower(): value for name, value in told.items()}
    mark = next((f"{name} {lowered[name]}" for name in _MARKS if lowered.get(name)), None)
    if mark:
        return [mark]
    time = next((f"{name} {lowered[name]}" for name in _TIMES if lowered.get(name)), None)
    return [time, str(lowered.get("size"))] if time else None
