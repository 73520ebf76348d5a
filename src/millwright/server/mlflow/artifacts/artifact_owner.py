"""Artifacts of runs, logged models and model versions, by their owner and a path below its place."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.core.ids import RunId
from millwright.registry.file_tree import version_location
from millwright.server.mlflow.answer import Wire
from millwright.server.mlflow.artifacts.artifact import FileInfo, file_info
from millwright.server.mlflow.artifacts.artifact_file import receive_file, send_file
from millwright.server.mlflow.artifacts.artifact_uri import joined, safe_path, stored_run_location, tree_path
from millwright.server.mlflow.failure import WireError, invalid, missing, not_there
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, field, segment
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.server.mlflow.artifacts.artifact_file import Receive, Send
    from millwright.server.mlflow.call import Call

_PAGE = 10_000
_UPLOAD_BYTES = 10 << 20
_LONGEST_S = 604_800


class ListRunArtifacts(msgspec.Struct):
    """`GET /mlflow/artifacts/list`."""

    run_id: str = ""
    run_uuid: str = ""
    path: str = ""
    page_token: str = ""


class ListModelArtifacts(msgspec.Struct):
    """`GET /mlflow/logged-models/{model_id}/artifacts/directories`."""

    artifact_directory_path: str = ""
    page_token: str = ""


class OwnedArtifactsAnswer(Wire):
    """What stands in a folder of an owner's artifacts."""

    root_uri: str
    files: tuple[FileInfo, ...] = ()
    next_page_token: str | None = None


class PresignedUpload(msgspec.Struct):
    """`POST /mlflow/artifacts/presigned-upload-url`."""

    run_id: str = ""
    model_id: str = ""
    path: str = ""
    expiration: int | None = None


class PresignedDownload(msgspec.Struct):
    """`POST /mlflow/artifacts/presigned-download-url`."""

    run_id: str = ""
    path: str = ""
    expiration: int | None = None


def list_run_artifacts(call: Call, body: ListRunArtifacts) -> OwnedArtifactsAnswer:
    """List a folder of a run's artifacts."""
    path = safe_path(body.path, root=True)
    return _listed(call, run_artifacts(call, body.run_id or body.run_uuid), path, body.page_token)


def list_model_artifacts(call: Call, body: ListModelArtifacts) -> OwnedArtifactsAnswer:
    """List a folder of a logged model's artifacts."""
    path = safe_path(body.artifact_directory_path, root=True)
    return _listed(call, model_artifacts(call, call.path["model_id"]), path, body.page_token)


async def get_run_artifact(call: Call, receive: Receive, send: Send) -> None:
    """Send a file of a run."""
    del receive
    path = _argument(call, "path")
    uri = await _looked_up(run_artifacts, call, _run_id(call))
    await send_file(call, tree_path(uri, path), send)


async def get_version_artifact(call: Call, receive: Receive, send: Send) -> None:
    """Send a file of a model version."""
    del receive
    path = _argument(call, "path")
    uri = await _looked_up(version_artifacts, call, call.argument("name"), call.argument("version"))
    await send_file(call, tree_path(uri, path), send)


async def get_model_artifact(call: Call, receive: Receive, send: Send) -> None:
    """Send a file of a logged model."""
    del receive
    if not call.argument("artifact_file_path"):
        raise WireError("BAD_REQUEST", 'Request must include the "artifact_file_path" query parameter.')
    path = _argument(call, "artifact_file_path")
    uri = await _looked_up(model_artifacts, call, call.path["model_id"])
    await send_file(call, tree_path(uri, path), send)


async def upload_run_artifact(call: Call, receive: Receive, send: Send) -> None:
    """Store a small file of a run, as MLflow's page does."""
    run_id = call.argument("run_uuid")
    for name in ("run_uuid", "path"):
        if not call.argument(name):
            raise invalid(f"Request must specify {name}.")
    path = _argument(call, "path")
    uri = await _looked_up(run_artifacts, call, run_id)
    await receive_file(call, receive, tree_path(uri, path), limit=_UPLOAD_BYTES)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def presign_upload(call: Call, body: PresignedUpload) -> None:
    """Say that there is none: clients send to this server, which keeps the artifacts itself."""
    if bool(body.run_id) == bool(body.model_id):
        raise invalid("Exactly one of run_id and model_id must be provided.")
    safe_path(body.path)
    uri = run_artifacts(call, body.run_id) if body.run_id else model_artifacts(call, body.model_id)
    scheme = uri.partition(":")[0]
    raise invalid(
        f"Presigned upload is not supported for proxied artifact storage (artifact URI scheme: {scheme}). "
        "This endpoint requires a direct cloud storage artifact URI."
    )


def presign_download(call: Call, body: PresignedDownload) -> None:
    """Say that there is none: clients read from this server, which keeps the artifacts itself."""
    safe_path(body.path)
    expiration = 1 if body.expiration is None else body.expiration
    if not 1 <= expiration <= _LONGEST_S:
        raise invalid(f"expiration must be between 1 and {_LONGEST_S} seconds (got {expiration}).")
    scheme = run_artifacts(call, body.run_id).partition(":")[0]
    raise invalid(
        f"Presigned download is not supported for runs with proxied artifact storage (artifact URI scheme: {scheme}). "
        "This endpoint requires a run with a direct cloud storage artifact URI."
    )


def run_artifacts(call: Call, run_id: str) -> str:
    """The URI of a run's artifacts.

    Raises:
        WireError: There is no such run.
    """
    try:
        run = call.stores.runs.get_run(RunId(run_id))
    except NotFoundError as error:
        raise not_there(f"Run with id={run_id} not found") from error
    return stored_run_location(call.stores, run)


def model_artifacts(call: Call, model_id: str) -> str:
    """The URI of a logged model's artifacts.

    Raises:
        NotFoundError: There is no such logged model, or it was deleted.
    """
    return call.stores.logged_models.get(model_id).artifact_location


def version_artifacts(call: Call, name: str, version: str) -> str:
    """The URI of a model version's artifacts.

    Raises:
        NotFoundError: Its source names a logged model that is not there.
        WireError: There is no such version, or the version is no number.
    """
    if not (version.isascii() and version.isdigit()):
        raise invalid(
            f"Invalid value '{version[:100]}' for parameter 'version' supplied: "
            f"Model version must be an integer, got '{version[:100]}'."
        )
    try:
        record = call.stores.models.get_version(name, int(version))
    except NotFoundError as error:
        raise not_there(f"Model Version (name={name}, version={version}) not found") from error
    return source_location(call, version_location(record))


def source_location(call: Call, source: str) -> str:
    """The URI of the artifacts that a source names: `models:/m-…`, `runs:/…`, or already such a URI.

    Raises:
        NotFoundError: It names a logged model that is not there.
        WireError: It names a run that is not there.
    """
    if source.startswith("models:/m-"):
        return model_artifacts(call, source.removeprefix("models:/"))
    if source.startswith("runs:/"):
        run_id, _, path = source.removeprefix("runs:/").lstrip("/").partition("/")
        return joined(run_artifacts(call, run_id), *([path] if path else []))
    return source


async def _looked_up(find: Callable[..., str], *arguments: Any) -> str:
    return await asyncio.to_thread(find, *arguments)


def _listed(call: Call, uri: str, path: str, token: str) -> OwnedArtifactsAnswer:
    after = _decoded(token)
    records = call.stores.files.list(tree_path(uri, path), limit=_PAGE + 1, after=after)
    page = records[:_PAGE]
    return OwnedArtifactsAnswer(
        root_uri=uri,
        files=tuple(file_info(record, f"{path}/{record.name}" if path else record.name) for record in page),
        next_page_token=_encoded(page[-1].name) if len(records) > _PAGE else None,
    )


def _encoded(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid("Invalid page token: expected one that an earlier answer gave.") from error


def _argument(call: Call, name: str) -> str:
    value = call.argument(name)
    if not value:
        raise missing(name)
    return safe_path(value)


def _run_id(call: Call) -> str:
    return call.argument("run_id") or call.argument("run_uuid")


def _run(call: Call, _body: Any) -> Sequence[Resource]:
    return (Resource(ResourceKind.RUN, _run_id(call)),)


def _uploaded_run(call: Call, _body: Any) -> Sequence[Resource]:
    # The parameter that the handler reads, and no other: a request may carry both.
    return (Resource(ResourceKind.RUN, call.argument("run_uuid")),)


def _listed_run(_call: Call, body: ListRunArtifacts) -> Sequence[Resource]:
    return (Resource(ResourceKind.RUN, body.run_id or body.run_uuid),)


def _version(call: Call, _body: Any) -> Sequence[Resource]:
    model = Resource(ResourceKind.MODEL, call.argument("name"))
    try:
        place = tree_path(version_artifacts(call, call.argument("name"), call.argument("version")))
    except (MillwrightError, WireError):
        return (model,)  # the handler tells what is wrong with it
    # A version's source may lie in another project's part of the tree.
    return (model, Resource(ResourceKind.FILE, place))


def _presigned(_call: Call, body: PresignedUpload) -> Sequence[Resource]:
    owners = ((ResourceKind.RUN, body.run_id), (ResourceKind.LOGGED_MODEL, body.model_id))
    named = tuple(Resource(kind, name) for kind, name in owners if name)
    return named or (Resource(ResourceKind.VISIBLE),)


_MODEL = segment(ResourceKind.LOGGED_MODEL, "model_id")

ROUTES = (
    Route(
        method="GET",
        path="/mlflow/artifacts/list",
        handler=list_run_artifacts,
        rule=Rule(Access.READ, _listed_run),
        body=ListRunArtifacts,
        required=("run_id",),
    ),
    Route(
        method="POST",
        path="/mlflow/artifacts/presigned-upload-url",
        handler=presign_upload,
        rule=Rule(Access.WRITE, _presigned),
        body=PresignedUpload,
        required=("path",),
    ),
    Route(
        method="POST",
        path="/mlflow/artifacts/presigned-download-url",
        handler=presign_download,
        rule=Rule(Access.READ, field(ResourceKind.RUN, "run_id")),
        body=PresignedDownload,
        required=("run_id", "path"),
    ),
    Route(
        method="GET",
        path="/mlflow/logged-models/{model_id}/artifacts/directories",
        handler=list_model_artifacts,
        rule=Rule(Access.READ, _MODEL),
        body=ListModelArtifacts,
    ),
    Route(
        method="GET",
        path="/mlflow/logged-models/{model_id}/artifacts/files",
        handler=get_model_artifact,
        rule=Rule(Access.READ, _MODEL),
        mode=Mode.STREAM,
    ),
    Route(
        method="POST",
        path="/mlflow/upload-artifact",
        prefixes=("ajax-api",),
        handler=upload_run_artifact,
        rule=Rule(Access.WRITE, _uploaded_run),
        mode=Mode.STREAM,
    ),
    Route(
        method="GET",
        path="/get-artifact",
        prefixes=("",),
        handler=get_run_artifact,
        rule=Rule(Access.READ, _run),
        mode=Mode.STREAM,
    ),
    Route(
        method="GET",
        path="/model-versions/get-artifact",
        prefixes=("",),
        handler=get_version_artifact,
        rule=Rule(Access.READ, _version),
        mode=Mode.STREAM,
    ),
)
