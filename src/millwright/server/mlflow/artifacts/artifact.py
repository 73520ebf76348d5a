"""The artifact proxy: `/mlflow-artifacts/…` over our own tree of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId
from millwright.core.records.account import DEFAULT_PROJECT
from millwright.server.mlflow.answer import Wire
from millwright.server.mlflow.artifacts.artifact_file import receive_file, send_file
from millwright.server.mlflow.artifacts.artifact_uri import safe_path
from millwright.server.mlflow.failure import invalid
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, visible
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.file import FileRecord
    from millwright.server.mlflow.artifacts.artifact_file import Receive, Send
    from millwright.server.mlflow.call import Call

_ARTIFACTS = "/mlflow-artifacts/artifacts"


class FileInfo(Wire):
    """One entry of a listing."""

    path: str
    is_dir: bool
    file_size: int | None = None


class ListArtifacts(msgspec.Struct):
    """`GET /mlflow-artifacts/artifacts`."""

    path: str = ""


class ListArtifactsAnswer(Wire):
    """What stands in a folder."""

    files: tuple[FileInfo, ...] = ()


def file_info(record: FileRecord, path: str) -> FileInfo:
    """A file or folder under the path that the client knows it by."""
    return FileInfo(path=path, is_dir=record.is_folder, file_size=None if record.is_folder else record.size_bytes)


def list_artifacts(call: Call, body: ListArtifacts) -> ListArtifactsAnswer:
    """List a folder; the empty list when there is none."""
    path = safe_path(body.path, root=True)
    records = call.stores.files.list(path)
    if not path and call.projects is not None:
        records = [record for record in records if _project_of(call, record.name) in call.projects]
    return ListArtifactsAnswer(files=tuple(file_info(record, record.name) for record in records))


def _project_of(call: Call, name: str) -> str:
    """The project of what stands in the root: folders of experiments, and what belongs to everybody."""
    try:
        return call.stores.experiments.get(ExperimentId(name)).project
    except NotFoundError:
        return DEFAULT_PROJECT


async def download(call: Call, receive: Receive, send: Send) -> None:
    """Send a file."""
    del receive
    await send_file(call, safe_path(call.path["path"]), send)


async def upload(call: Call, receive: Receive, send: Send) -> None:
    """Store a file."""
    path = call.path["path"]
    if path.endswith(("/", "/.")):
        raise invalid(
            f"Expected the path of a file, found that of a folder: '{path}'. Leave out what stands at its end."
        )
    await receive_file(call, receive, safe_path(path))
    await _send_nothing(send)


def delete(call: Call, _body: None) -> None:
    """Remove a file or a folder; nothing happens when it is not there."""
    call.stores.files.delete(safe_path(call.path["path"]))


async def _send_nothing(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}", "more_body": False})


def _listed(call: Call, body: ListArtifacts) -> Sequence[Resource]:
    path = safe_path(body.path, root=True)
    return (Resource(ResourceKind.FILE, path),) if path else visible(call, body)


def _named(call: Call, _body: Any) -> Sequence[Resource]:
    return (Resource(ResourceKind.FILE, safe_path(call.path["path"])),)


def _route(method: str, path: str, handler: Any, access: Access, **more: Any) -> Route:
    return Route(method=method, path=f"{path}/{{path:path}}", handler=handler, rule=Rule(access, _named), **more)


ROUTES = (
    Route(method="GET", path=_ARTIFACTS, handler=list_artifacts, rule=Rule(Access.READ, _listed), body=ListArtifacts),
    _route("GET", _ARTIFACTS, download, Access.READ, mode=Mode.STREAM),
    _route("PUT", _ARTIFACTS, upload, Access.WRITE, mode=Mode.STREAM),
    _route("DELETE", _ARTIFACTS, delete, Access.WRITE, mode=Mode.WRITE),
)
