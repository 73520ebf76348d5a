"""Where artifacts are said to be, and which place in our own tree that means."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from millwright.core.errors import InvalidInputError
from millwright.core.records.file import check_file_path
from millwright.server.mlflow.failure import WireError, invalid

if TYPE_CHECKING:
    from millwright.core.records.experiment import ExperimentRecord
    from millwright.core.records.run import RunRecord
    from millwright.storage.catalog import Stores

SCHEME = "mlflow-artifacts"
_PROXY = "/mlflow-artifacts/artifacts"
_MAX_DECODINGS = 10


def experiment_location(experiment: ExperimentRecord) -> str:
    """The URI below which artifacts of an experiment's runs are."""
    return experiment.artifact_location or f"{SCHEME}:/{experiment.id}"


def run_location(run: RunRecord, experiment: ExperimentRecord) -> str:
    """The URI of a run's artifacts."""
    return run.artifact_uri or joined(experiment_location(experiment), run.id, "artifacts")


def joined(uri: str, *parts: str) -> str:
    """A URI with parts added to its path; what stands behind `?` or `#` stays at the end."""
    path, mark, rest = uri, "", ""
    for sign in "?#":
        if sign in path:
            path, _, behind = path.partition(sign)
            mark, rest = sign, behind + mark + rest
    return "/".join((path.rstrip("/"), *parts)) + mark + rest


def stored_run_location(stores: Stores, run: RunRecord) -> str:
    """The URI of a run's artifacts, its experiment being looked up if need be."""
    return run.artifact_uri or run_location(run, stores.experiments.get(run.experiment_id))


def safe_path(path: str, *, root: bool = False) -> str:
    """A relative path that a client named, refused as MLflow refuses it.

    Args:
        path: Decoded once, by the server.
        root: Whether the empty path is allowed.

    Raises:
        WireError: `Invalid path`: it leads elsewhere, as it is or once it is decoded further.
    """
    decoded = path
    for _ in range(_MAX_DECODINGS):
        if decoded.startswith("/") or ".." in decoded.split("/"):
            raise _bad_path()
        before, decoded = decoded, unquote(decoded)
        if decoded == before:
            break
    normal = posixpath.normpath(path) if path else "."
    if normal == ".":
        if root:
            return ""
        raise _bad_path()
    try:
        return check_file_path(normal)
    except InvalidInputError as error:
        raise _bad_path() from error


def tree_path(uri: str, relative: str = "") -> str:
    """The path in our tree of something below an artifact URI; nothing outside the tree is ever opened.

    Args:
        uri: Of a run, a logged model or a model version.
        relative: A safe path below it; the place itself when empty.

    Raises:
        WireError: The URI is of a place that this server does not keep.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise _foreign(uri[:40]) from error
    if parts.scheme == SCHEME:
        path = parts.path
    elif parts.scheme in {"http", "https"} and f"{_PROXY}/" in f"{parts.path}/":
        path = parts.path.partition(_PROXY)[2]
    else:
        raise _foreign(parts.scheme)
    if parts.query or parts.fragment:
        raise _bad_path()
    base = safe_path(path.strip("/"), root=True)
    return f"{base}/{relative}" if base and relative else base or relative


def _bad_path() -> WireError:
    return invalid("Invalid path")


def _foreign(scheme: str) -> WireError:
    place = f"{scheme}:" if scheme else "a path of some machine"
    return invalid(
        f"Expected artifacts that this server keeps ({SCHEME}:/…), found a location that begins with {place}. "
        "The server never opens such places; use a client that has access to it."
    )
