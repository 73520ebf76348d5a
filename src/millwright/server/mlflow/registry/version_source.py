"""Where a version's files may be said to be: inside its run, its logged model, another version, or a foreign store.

The server never opens a source; clients do. What is refused here could make one of them read files that its author
may not, or files of the machine it runs on.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from millwright.core.errors import NotFoundError
from millwright.core.ids import RunId
from millwright.registry.file_tree import version_location
from millwright.server.mlflow.artifacts.artifact_uri import stored_run_location
from millwright.server.mlflow.failure import WireError, invalid, not_there
from millwright.server.mlflow.registry.registered_model import find_model, is_prompt
from millwright.server.mlflow.registry.registry_name import stage_of

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.server.mlflow.call import Call

PROMPT_SOURCES = frozenset({"dummy-source", "prompt-template"})
_MAX_DECODINGS = 20
_PROXY = ("api", "2.0", "mlflow-artifacts", "artifacts")
# Schemes that some client opens on the machine where it runs.
_LOCAL = frozenset(
    {"", "file", "local", "localfs", "jar", "zip", "tar", "archive", "data", "filecache", "simplecache", "blockcache"}
)
_LATEST = "latest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a version comes from.

    Attributes:
        uri: What the client said; of another version with its number.
        location: Where the files are, when that is somewhere else.
        run_id: The run it is of; empty for none.
        model_id: The logged model it is of; empty for none.
    """

    uri: str
    location: str = ""
    run_id: str = ""
    model_id: str = ""


def check_source(call: Call, source: Source, *, named: tuple[bool, bool]) -> Source:
    """The source, resolved, if a version may have it.

    Args:
        call: The request.
        source: As the client gave it.
        named: Whether it gave a run, and a logged model, even if empty.

    Raises:
        WireError: It lies outside what its run or logged model holds, or leads to local files.
    """
    parts = _split(source.uri)
    if parts.scheme == "models":
        referenced = _reference(source.uri, parts)
        if isinstance(referenced, tuple):
            source = _of_version(call, source, referenced, named)
            parts = _split(source.uri)
    owner = "model_id" if source.model_id else "run_id"
    if _is_local(source.uri, parts):
        _check_local(call, source, owner)
    else:
        _check_foreign(source.uri)
        _check_owner(call, source, parts, owner)
    return _with_owner(call, source)


def check_prompt_source(uri: str) -> None:
    """Refuse a prompt whose source is a place.

    Raises:
        WireError: It is none of the placeholders of MLflow's clients.
    """
    if uri not in PROMPT_SOURCES:
        raise invalid(f"Invalid prompt source: '{uri}'. Prompt sources must use an MLflow placeholder.")


def source_model(uri: str) -> str:
    """The registered model that a source names; empty when it names none."""
    name = re.fullmatch(r"models:/+([^/@]+)[/@].+", uri)
    return name[1] if name else ""


def _of_version(call: Call, source: Source, referenced: tuple[str, str], named: tuple[bool, bool]) -> Source:
    name, which = referenced
    if is_prompt(find_model(call, name).tags):
        raise invalid(
            f"Invalid model version source: '{source.uri}'. Prompt versions cannot be used as model version sources."
        )
    version = _referenced(call, name, which)
    run_id, model_id = version.run_id or "", version.model_id or ""
    if (named[0] and source.run_id != run_id) or (named[1] and source.model_id != model_id):
        raise invalid(
            f"Invalid model version source: '{source.uri}'. The run_id and model_id request parameters must match the "
            "referenced model version."
        )
    uri = f"models:/{name}/{version.version}"
    return Source(uri=uri, location=version_location(version), run_id=run_id, model_id=model_id)


def _referenced(call: Call, name: str, which: str) -> ModelVersionRecord:
    models = call.stores.models
    latest = call.stores.model_search.list_latest([name])[name]
    try:
        if which.startswith("@"):
            alias = models.find_alias(name, which[1:])
            if alias is None:
                raise invalid(f"Registered model alias {which[1:]} not found.")
            return models.get_version(name, alias.version)
        if which.isascii() and which.isdigit() and len(which) <= 9:
            return models.get_version(name, int(which))
    except NotFoundError as error:
        raise not_there(f"Model Version (name={name}, version={which}) not found") from error
    found = list(latest)
    if which.lower() != _LATEST:
        found = [version for version in latest if version.stage is stage_of(which)]
    if not found:
        raise not_there(f"No versions of model with name '{name}' and stage '{which}' found")
    return max(found, key=lambda version: version.version)


def _reference(uri: str, parts: SplitResult) -> str | tuple[str, str]:
    """A logged model's id, or a registered model's name with a version, stage or @alias."""
    if parts.netloc:
        raise invalid(
            f"Invalid model version source: '{uri}'. Registered model sources must use the active model registry."
        )
    path = parts.path.strip("/")
    name, slash, which = path.partition("/")
    if not slash:
        name, at, alias = path.partition("@")
        if not at:
            return path
        which = f"@{alias}"
    if not name or not which.strip("@") or "/" in which:
        raise _outside(uri, "model_id")
    return name, which


def _check_local(call: Call, source: Source, owner: str) -> None:
    root = _root(call, source, owner)
    if root:
        inside, above = (posixpath.normpath(_local_path(uri)) for uri in (source.uri, root))
        local_root = _is_local(root, _split(root))
        if local_root and ".." not in source.uri and (inside == above or inside.startswith(f"{above}/")):
            return
    raise invalid(
        f"Invalid model version source: '{source.uri}'. To use a local path as a model version source, the {owner} "
        "request parameter has to be specified and the local path has to be contained within the artifact directory "
        f"of the run specified by the {owner}."
    )


def _check_foreign(uri: str) -> None:
    decoded = _decoded(uri)
    path = re.sub(r"/+", "/", urlsplit(decoded).path.rstrip("/"))
    bad = (
        "#" in uri
        or "\\" in decoded
        or any(ord(char) < 0x20 or ord(char) == 0x7F for char in decoded)
        or ".." in re.split(r"[/?&=;]", decoded)
        or "." in path.split("/")
    )
    if bad:
        raise invalid(
            f"Invalid model version source: '{uri}'. If supplying a source as an http, https, local file path, ftp, "
            "objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references "
            "present. Please provide an absolute path."
        )


def _check_owner(call: Call, source: Source, parts: SplitResult, owner: str) -> None:
    if parts.scheme == "runs":
        if parts.netloc or owner != "run_id" or parts.path.strip("/").partition("/")[0] != source.run_id:
            raise _outside(source.uri, owner)
        return
    if parts.scheme == "models":
        logged = _reference(source.uri, parts)
        if isinstance(logged, str) and logged != source.model_id:
            raise _outside(source.uri, "model_id")
        return
    where = _uri_parts(source.uri)
    if where[0] == "mlflow-artifacts" or (where[0] in {"http", "https"} and _is_proxied(where[2])):
        root = _root(call, source, owner)
        if not root or not _is_within(source.uri, root):
            raise _outside(source.uri, owner)


def _with_owner(call: Call, source: Source) -> Source:
    """With the logged model's run and place, where they are told by nothing else."""
    if not source.model_id or (source.run_id and not source.uri.startswith("models:")):
        return source
    try:
        model = call.stores.logged_models.get(source.model_id)
    except NotFoundError as error:
        raise not_there(f"Logged model with ID '{source.model_id}' not found.") from error
    location = source.location
    if not location and source.uri.startswith("models:"):
        location = model.artifact_location
    return replace(source, run_id=source.run_id or (model.source_run_id or ""), location=location)


def _root(call: Call, source: Source, owner: str) -> str:
    """The URI inside which the source has to be; empty when the client named no owner."""
    try:
        if owner == "model_id":
            return call.stores.logged_models.get(source.model_id).artifact_location
        if source.run_id:
            return stored_run_location(call.stores, call.stores.runs.get_run(RunId(source.run_id)))
    except NotFoundError as error:
        raise _outside(source.uri, owner) from error
    return ""


def _split(uri: str) -> SplitResult:
    try:
        return urlsplit(uri)
    except ValueError as error:
        raise invalid(
            f"Invalid model version source: '{uri}'. Expected a URI, such as runs:/<run id>/model."
        ) from error


def _is_local(uri: str, parts: SplitResult) -> bool:
    # A single letter is a drive; `::` chains file systems, the last of which may be a local one.
    scheme = parts.scheme.lower()
    return scheme in _LOCAL or len(scheme) == 1 or "::" in uri or uri.startswith(("/", "\\", "~", "."))


def _local_path(uri: str) -> str:
    parts = _split(uri)
    return _decoded(parts.path if parts.scheme == "file" else uri)


def _decoded(text: str) -> str:
    for _ in range(_MAX_DECODINGS):
        before, text = text, unquote_plus(text)
        if before == text:
            return text
    raise invalid("Invalid model version source: it is percent-encoded too often. Please provide an absolute path.")


def _uri_parts(uri: str) -> tuple[str, str, tuple[str, ...]]:
    parts = _split(uri)
    return parts.scheme.lower(), parts.netloc.lower(), tuple(unquote(part) for part in parts.path.split("/") if part)


def _is_within(uri: str, root: str) -> bool:
    scheme, authority, parts = _uri_parts(uri)
    root_scheme, root_authority, root_parts = _uri_parts(root)
    same = scheme == root_scheme and authority == root_authority
    return same and bool(root_parts) and parts[: len(root_parts)] == root_parts


def _is_proxied(parts: tuple[str, ...]) -> bool:
    length = len(_PROXY)
    return any(parts[at : at + length] == _PROXY for at in range(len(parts) - length + 1))


def _outside(uri: str, owner: str) -> WireError:
    return invalid(
        f"Invalid model version source: '{uri}'. The {owner} request parameter must identify the resource that "
        "contains the source."
    )
