"""Uploads in parts (`/mlflow-artifacts/mpu/…`) and addresses to read a file from (`/mlflow-artifacts/presigned/…`).

`create` gives an address on this very server for each part; clients send the parts there at once and give back the
ETags, with which `complete` makes the file. Parts are kept for an hour.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from millwright.core.errors import IntegrityError, NotFoundError
from millwright.core.ids import Digest
from millwright.server.mlflow.answer import Answer, Wire
from millwright.server.mlflow.application import read_body, send_answer
from millwright.server.mlflow.artifacts.artifact_file import take_body
from millwright.server.mlflow.artifacts.artifact_uri import safe_path
from millwright.server.mlflow.failure import invalid, not_there, unfit
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule
from millwright.server.mlflow.request import check_content_type, decode_body
from millwright.server.mlflow.route import Mode, Route
from millwright.storage.base.uploads import MOST_PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.upload import UploadRecord
    from millwright.server.mlflow.artifacts.artifact_file import Receive, Send
    from millwright.server.mlflow.call import Call

_LASTS_S = 3600.0
_READ_S = 900.0
_MOST_BYTES = 16 << 20  # of a request that names all parts
_BASE = "/api/2.0/mlflow-artifacts"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,6}")
# Few, of their own: making a large file takes long, and must not keep others from being answered.
_ASSEMBLERS = ThreadPoolExecutor(2, thread_name_prefix="wire-assemble")


class Part(msgspec.Struct):
    """A part that a client has sent."""

    part_number: int = 0
    etag: str = ""


class CreateUpload(msgspec.Struct):
    """`POST /mlflow-artifacts/mpu/create/…`."""

    path: str = ""
    num_parts: int | None = None


class CompleteUpload(msgspec.Struct):
    """`POST /mlflow-artifacts/mpu/complete/…`."""

    path: str = ""
    upload_id: str = ""
    parts: list[Part] = msgspec.field(default_factory=list)


class AbortUpload(msgspec.Struct):
    """`POST /mlflow-artifacts/mpu/abort/…`."""

    path: str = ""
    upload_id: str = ""


class Credential(Wire):
    """Where a part is to be sent."""

    url: str
    part_number: int
    headers: dict[str, str]


class CreateUploadAnswer(Wire):
    """An upload that has begun."""

    upload_id: str
    credentials: list[Credential]


def create_upload(call: Call, body: CreateUpload) -> CreateUploadAnswer:
    """Begin an upload in parts, with an address for each."""
    path = _target(call, body.path)
    count = 1 if body.num_parts is None else body.num_parts
    if not 1 <= count <= MOST_PARTS:
        raise unfit("num_parts", count, f"Expected 1 to {MOST_PARTS:,}; send larger parts.")
    upload = call.stores.uploads.create(path, now=call.now(), lasts_s=_LASTS_S)
    return CreateUploadAnswer(
        upload_id=upload.id, credentials=[_credential(call, upload, number) for number in range(1, count + 1)]
    )


async def receive_part(call: Call, receive: Receive, send: Send) -> None:
    """Store one part of an upload; the answer's ETag is its digest."""
    path = safe_path(call.path["path"])
    upload = await asyncio.to_thread(_upload, call, call.argument("upload_id"), path)
    number = call.argument("part_number")
    if upload.digest is not None or not _NUMBER.fullmatch(number):
        raise unfit("part_number", number, "Expected the number of a part of an upload that is not complete.")
    limit = await asyncio.to_thread(_room, call, upload, int(number)) if call.transfers.max_bytes else None
    context = call.stores.uploads.part(upload.id, int(number))
    writer = await asyncio.to_thread(context.__enter__)
    try:
        await take_body(receive, writer, limit=limit)
        digest = await asyncio.to_thread(writer.finish)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)
    headers = ((b"etag", f'"{digest}"'.encode()),)
    await send_answer(Answer(headers=headers), send)


async def complete_upload(call: Call, receive: Receive, send: Send) -> None:
    """Make the file of its parts; asking again is answered like the first time."""
    data = await read_body(receive, _MOST_BYTES)
    check_content_type(call.headers.get("content-type", ""))
    body = decode_body(data, CompleteUpload, ("path", "parts"))
    path = _target(call, body.path)
    await asyncio.get_running_loop().run_in_executor(_ASSEMBLERS, _complete, call, path, body)
    await send_answer(Answer(), send)


def abort_upload(call: Call, body: AbortUpload) -> None:
    """Remove the parts of an upload; nothing happens when it has ended."""
    path = _target(call, body.path)
    try:
        upload = _upload(call, body.upload_id, path)
    except NotFoundError:
        return
    if upload.digest is None:
        call.stores.uploads.delete(upload.id)


def presigned(call: Call, _body: None) -> dict[str, Any]:
    """An address to read a file from, in ranges if need be, without credentials of one's own."""
    path = safe_path(call.path["path"])
    record = call.stores.files.find(path)
    if record is None:
        raise not_there(f"No such artifact: '{path}'")
    if record.is_folder:
        raise invalid(f"Artifact path refers to a directory, not a file: '{path}'")
    target = f"{_BASE}/artifacts/{path}"
    return {
        "url": call.transfers.address(call.scope, target),
        "headers": call.transfers.headers(call.actor, "GET", target, lasts_s=_READ_S),
        "file_size": record.size_bytes,
    }


def _complete(call: Call, path: str, body: CompleteUpload) -> None:
    upload = _upload(call, body.upload_id, path)
    if upload.digest is not None:
        return
    parts = _ordered(body.parts)
    sizes = call.stores.uploads.sizes(upload.id)
    total, most = sum(sizes.get(number, 0) for number in parts), call.transfers.max_bytes
    if most and total > most:
        raise invalid(f"Expected parts of at most {most:,} bytes in all, found {total:,}.")
    try:
        with call.stores.artifacts.writer() as writer:
            for number, digest in parts.items():
                for chunk in call.stores.uploads.read_part(upload.id, number, digest):
                    writer.write(chunk)
            whole = writer.finish()
    except (NotFoundError, IntegrityError) as error:
        if _upload(call, upload.id, path).digest is not None:
            return  # another request has completed it in the meantime
        raise invalid(str(error)) from error
    stores, at = call.stores, call.now()
    stores.transactions.group(lambda: stores.files.put(path, whole, writer.size_bytes, at)).result()
    stores.uploads.complete(upload, whole)


def _ordered(parts: Sequence[Part]) -> dict[int, Digest]:
    found: dict[int, Digest] = {}
    for at, part in enumerate(parts):
        digest = part.etag.strip().removeprefix("W/").strip('"')
        if not _DIGEST.fullmatch(digest):
            raise unfit(f"parts[{at}].etag", part.etag, "Expected the ETag of the answer to the part.")
        if part.part_number in found:
            raise unfit(f"parts[{at}].part_number", part.part_number, "It is named twice.")
        found[part.part_number] = Digest(digest)
    return dict(sorted(found.items()))


def _credential(call: Call, upload: UploadRecord, number: int) -> Credential:
    target = f"{_BASE}/mpu/part/{upload.path}"
    query = urlencode({"upload_id": upload.id, "part_number": number})
    return Credential(
        url=call.transfers.address(call.scope, target, query),
        part_number=number,
        headers=call.transfers.headers(call.actor, "PUT", target, query, lasts_s=_LASTS_S),
    )


def _upload(call: Call, upload_id: str, path: str) -> UploadRecord:
    found = call.stores.uploads.find(upload_id, call.now())
    if found is None or found.path != path:  # permission was asked for the path: the upload has to be of it
        raise NotFoundError(
            f"There is no upload of '{path}' with that id.", hint="It was aborted, or not completed within an hour."
        )
    return found


def _room(call: Call, upload: UploadRecord, number: int) -> int:
    others = sum(size for each, size in call.stores.uploads.sizes(upload.id).items() if each != number)
    return max(0, call.transfers.max_bytes - others)


def _target(call: Call, local: str) -> str:
    """Where the file will be: in the path's folder, under the last part of the name that it has at the client."""
    name = local.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return f"{safe_path(call.path['path'])}/{safe_path(name)}"


def _named(call: Call, _body: Any) -> Sequence[Resource]:
    return (Resource(ResourceKind.FILE, safe_path(call.path["path"])),)


def _route(method: str, path: str, handler: Any, access: Access, **more: Any) -> Route:
    full = f"/mlflow-artifacts/{path}/{{path:path}}"
    return Route(method=method, path=full, handler=handler, rule=Rule(access, _named), **more)


ROUTES = (
    _route("POST", "mpu/create", create_upload, Access.WRITE, body=CreateUpload, required=("path",)),
    _route("PUT", "mpu/part", receive_part, Access.WRITE, mode=Mode.STREAM),
    _route(
        "POST",
        "mpu/complete",
        complete_upload,
        Access.WRITE,
        body=CompleteUpload,
        required=("path", "parts"),
        mode=Mode.STREAM,
    ),
    _route("POST", "mpu/abort", abort_upload, Access.WRITE, body=AbortUpload, required=("path",)),
    _route("GET", "presigned", presigned, Access.READ),
)
