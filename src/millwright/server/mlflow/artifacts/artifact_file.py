"""Sends and receives the bytes of artifacts, a mebibyte in memory at a time."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from contextlib import ExitStack
from email.utils import format_datetime
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from millwright.server.asgi import ClientGoneError
from millwright.server.mlflow.answer import Answer
from millwright.server.mlflow.failure import invalid, not_there

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, MutableMapping

    from millwright.core.records.file import FileRecord
    from millwright.server.mlflow.call import Call
    from millwright.storage.base.artifacts import BlobWriter

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

# What MLflow's server calls plain text, so that its page shows it.
_TEXT = frozenset(
    {"txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml"}
    | {"xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "ipynb", "MLmodel", "MLproject", "mlproject"}
)
_TYPES = MimeTypes()  # not the machine's table: a file is sent with the same type everywhere
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_WRITE_BYTES = 1 << 20


def content_type(name: str) -> str:
    """The content type that MLflow's server gives a file of that name."""
    extension = name.rpartition(".")[2]
    if extension in _TEXT:
        return "text/plain"
    return _TYPES.guess_type(name)[0] or "application/octet-stream"


def disposition(name: str) -> str:
    """The header that makes a browser save a file under a name, whatever characters it has."""
    plain = name
    if not name.isascii():
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii") or "download"
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    header = "attachment; filename=" + (plain if _TOKEN.fullmatch(plain) else f'"{escaped}"')
    return header if name.isascii() else f"{header}; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"


async def receive_file(call: Call, receive: Receive, path: str, *, limit: int | None = None) -> None:
    """Store a request's body under a path.

    Raises:
        WireError: It is longer than `limit`.
        ClientGoneError: The client left before it was complete; nothing is kept.
        ConflictError: See `FileStore.put`.
    """
    with ExitStack() as stack:
        writer = await asyncio.to_thread(stack.enter_context, call.stores.artifacts.writer())
        await take_body(receive, writer, limit=limit)
        if limit is not None and not writer.size_bytes:
            raise invalid("Request must specify data.")
        digest = await asyncio.to_thread(writer.finish)
        size_bytes = writer.size_bytes
    stores, at = call.stores, call.now()
    put = stores.transactions.group(lambda: stores.files.put(path, digest, size_bytes, at))
    await asyncio.wrap_future(put)


async def take_body(receive: Receive, writer: BlobWriter, *, limit: int | None = None) -> None:
    """Write a request's body as it comes.

    Raises:
        WireError: It is longer than `limit`.
        ClientGoneError: The client left before it was complete.
    """
    waiting = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError("The client left before its artifact was complete.")
        waiting += message.get("body", b"")
        more = message.get("more_body", False)
        if limit is not None and writer.size_bytes + len(waiting) > limit:
            raise invalid(f"Artifact size is too large. Max size is {limit >> 20}MB.")
        if len(waiting) >= _WRITE_BYTES or not more:
            await asyncio.to_thread(writer.write, bytes(waiting))
            waiting.clear()


async def send_file(call: Call, path: str, send: Send) -> None:
    """Send an artifact, or the range of it that was asked for.

    Raises:
        WireError: There is no such artifact (404), or it is a folder (400).
    """
    record = await asyncio.to_thread(call.stores.files.find, path) if path else None
    if record is None:
        if path:
            raise not_there(f"No such artifact: '{path}'")
        raise invalid("Artifact path refers to a directory, not a file: ''")
    if record.is_folder or record.digest is None:
        raise invalid(f"Artifact path refers to a directory, not a file: '{path}'")
    headers = _headers(record)
    etag = f'"{record.digest}"'
    if etag in call.headers.get("if-none-match", ""):
        await _start(send, 304, headers)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    start, stop, status = _range(call, record, etag)
    if status == 416:
        headers.append((b"content-range", f"bytes */{record.size_bytes}".encode()))
        start = stop = 0
    elif status == 206:
        headers.append((b"content-range", f"bytes {start}-{stop - 1}/{record.size_bytes}".encode()))
    headers.append((b"content-length", str(stop - start).encode()))
    pieces: Iterator[bytes] = iter(())
    if call.scope.get("method") != "HEAD" and stop > start:
        whole = status == 200
        pieces = call.stores.artifacts.read_chunks(record.digest, start=start, stop=None if whole else stop)
    # The first piece comes before the status: a blob that is gone must not look like a file.
    piece = await asyncio.to_thread(next, pieces, None)
    await _start(send, status, headers)
    while piece is not None:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        piece = await asyncio.to_thread(next, pieces, None)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def attachment(name: str, body: bytes) -> Answer:
    """A small file that is sent as artifacts are."""
    return Answer(body, content_type=content_type(name).encode(), headers=_safe_headers(name))


async def _start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


def _headers(record: FileRecord) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", content_type(record.name).encode()),
        (b"accept-ranges", b"bytes"),
        (b"etag", f'"{record.digest}"'.encode()),
        (b"last-modified", format_datetime(record.modified_at, usegmt=True).encode()),
        (b"cache-control", b"no-cache"),
        *_safe_headers(record.name),
    ]


def _safe_headers(name: str) -> tuple[tuple[bytes, bytes], ...]:
    # Whatever somebody uploaded: a browser saves it, guesses nothing, and would run nothing of it.
    return (
        (b"content-disposition", disposition(name).encode("latin-1")),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"sandbox; default-src 'none'"),
    )


def _range(call: Call, record: FileRecord, etag: str) -> tuple[int, int, int]:
    """First byte, the one behind the last, and the status; several ranges are answered with the whole file."""
    size = record.size_bytes
    asked = _RANGE.fullmatch(call.headers.get("range", "").strip())
    if asked is None or asked[0] == "bytes=-" or call.headers.get("if-range", etag) != etag:
        return 0, size, 200
    if not asked[1]:
        start, stop = max(size - int(asked[2]), 0), size
    else:
        start = int(asked[1])
        stop = min(int(asked[2]) + 1, size) if asked[2] else size
        if asked[2] and int(asked[2]) < start:
            return 0, size, 200
    return (start, stop, 206) if start < stop else (0, size, 416)
