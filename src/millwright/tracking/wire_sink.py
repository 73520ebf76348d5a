"""Writes a run's changes to a server over MLflow's wire, with nothing but the standard library.

The server gives a run an id of its own; the tag `millwright.run` keeps ours, by which the run is found again, so that
syncing twice writes one run. Equal points are stored once by the server.
"""

from __future__ import annotations

import http.client
import json
import math
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from millwright.core.errors import (
    ConfigurationError,
    ConflictError,
    IntegrityError,
    InvalidInputError,
    MillwrightError,
    NotFoundError,
    StorageError,
)
from millwright.tracking.change import (
    DatasetUsed,
    FileLogged,
    ParamsLogged,
    PointsLogged,
    RunEnded,
    RunResumed,
    RunStarted,
    TagsSet,
    microseconds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from millwright.core.ids import RunId
    from millwright.core.records.run import MetricPoint
    from millwright.tracking.blob import LocalBlobs
    from millwright.tracking.change import Change

RUN_TAG = "millwright.run"
MAX_POINTS, MAX_PAIRS = 1000, 100  # of one request
_TIMEOUT_S = 60
_API = "/api/2.0/mlflow/"


class WireClient:
    """Requests to one server. Thread-safe.

    Args:
        url: The server's address, such as `http://127.0.0.1:5000`.
        token: Sent as a bearer token; nothing when empty.

    Raises:
        ConfigurationError: The URL is not one of HTTP.
    """

    def __init__(self, url: str, *, token: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError(
                f"Expected a server's URL, found {url!r}.", hint="Write it like http://127.0.0.1:5000."
            )
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send JSON to an endpoint below `/api/2.0/mlflow/` and read its answer."""
        return self._ask("POST", _API + path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def get(self, path: str) -> dict[str, Any]:
        """Ask an endpoint below `/api/2.0/mlflow/`."""
        return self._ask("GET", _API + path, None, {})

    def put_file(self, path: str, file: Path) -> None:
        """Upload an artifact, in pieces."""
        headers = {"Content-Length": str(file.stat().st_size), "Content-Type": "application/octet-stream"}
        with file.open("rb") as data:
            self._ask("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{quote(path)}", data, headers)

    def _ask(self, method: str, path: str, data: Any, headers: Mapping[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self._url + path, data=data, headers={**self._headers, **headers}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                found: dict[str, Any] = json.loads(answer.read() or b"{}")
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read(), self._url) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StorageError(
                f"The server {self._url} does not answer: {error}.", hint="Check its address, then sync again."
            ) from error


class WireSink:
    """A server as a sink for one run.

    Args:
        run_id: The run, as it is called here.
        client: The server.
        blobs: Where the bytes of its artifacts are.
    """

    def __init__(self, run_id: RunId, *, client: WireClient, blobs: LocalBlobs) -> None:
        self._run_id = run_id
        self._client = client
        self._blobs = blobs
        self._there = ""  # its id on the server
        self._artifacts = ""

    def write(self, changes: Sequence[Change]) -> None:
        """See `Sink.write`; not one transaction, but writing again completes it."""
        points: list[MetricPoint] = []
        for change in changes:
            if isinstance(change, PointsLogged):
                points += change.points
                continue
            self._send_points(points)
            points = []
            self._send(change)
        self._send_points(points)

    def _send(self, change: Change) -> None:
        match change:
            case RunStarted():
                self._start(change)
            case RunResumed():
                self._client.post("runs/update", {"run_id": self._run(), "status": "RUNNING"})
            case ParamsLogged():
                self._send_pairs("params", change.params)
            case TagsSet():
                self._send_pairs("tags", change.tags)
            case FileLogged():
                self._upload(change)
            case DatasetUsed():
                self._client.post("runs/log-inputs", {"run_id": self._run(), "datasets": [_dataset(change)]})
            case RunEnded():
                ended = {"status": change.status.value.upper(), "end_time": microseconds(change.at) // 1000}
                self._client.post("runs/update", {"run_id": self._run(), **ended})

    def _start(self, change: RunStarted) -> None:
        experiment = self._experiment(change.experiment)
        self._there = self._find([experiment])
        if not self._there:
            tags = {**change.tags, RUN_TAG: self._run_id}
            parent = tags.get("mlflow.parentRunId")
            if parent:
                tags["mlflow.parentRunId"] = self._find([experiment], parent) or parent
            body = {
                "experiment_id": experiment,
                "run_name": change.name,
                "user_id": change.user,
                "start_time": microseconds(change.at) // 1000,
                "tags": _pairs(tags),
            }
            info = self._client.post("runs/create", body)["run"]["info"]
            self._there = str(info["run_id"])
        self._send_pairs("params", change.params)

    def _experiment(self, name: str) -> str:
        path = f"experiments/get-by-name?experiment_name={quote(name, safe='')}"
        try:
            return str(self._client.get(path)["experiment"]["experiment_id"])
        except NotFoundError:
            pass
        try:
            return str(self._client.post("experiments/create", {"name": name})["experiment_id"])
        except InvalidInputError:  # somebody was faster
            return str(self._client.get(path)["experiment"]["experiment_id"])

    def _run(self) -> str:
        if not self._there:
            found = self._client.post("experiments/search", {"max_results": 1000}).get("experiments", [])
            self._there = self._find([str(experiment["experiment_id"]) for experiment in found])
            if not self._there:
                raise NotFoundError(
                    f"The server has no run with the tag {RUN_TAG} = {self._run_id}.",
                    hint="Sync the log that began the run, too.",
                )
        return self._there

    def _find(self, experiments: Sequence[str], run_id: str = "") -> str:
        condition = f"tags.`{RUN_TAG}` = '{run_id or self._run_id}'"
        body = {"experiment_ids": list(experiments), "filter": condition, "max_results": 1}
        runs = self._client.post("runs/search", body).get("runs", [])
        return str(runs[0]["info"]["run_id"]) if runs else ""

    def _send_points(self, points: Sequence[MetricPoint]) -> None:
        for start in range(0, len(points), MAX_POINTS):
            metrics = [
                {"key": p.key, "value": _number(p.value), "step": p.step, "timestamp": microseconds(p.at) // 1000}
                for p in points[start : start + MAX_POINTS]
            ]
            self._client.post("runs/log-batch", {"run_id": self._run(), "metrics": metrics})

    def _send_pairs(self, kind: str, values: Mapping[str, str]) -> None:
        pairs = _pairs(values)
        for start in range(0, len(pairs), MAX_PAIRS):
            self._client.post("runs/log-batch", {"run_id": self._run(), kind: pairs[start : start + MAX_PAIRS]})

    def _upload(self, change: FileLogged) -> None:
        if not self._blobs.has(change.digest):
            raise IntegrityError(
                f"The bytes of the artifact '{change.path}' are not beside the log any more.",
                hint="They may be in the workspace's store already: sync to it instead.",
            )
        if not self._artifacts:
            uri = self._client.get(f"runs/get?run_id={self._run()}")["run"]["info"]["artifact_uri"]
            scheme, _, path = str(uri).partition(":")
            if scheme != "mlflow-artifacts":
                raise ConfigurationError(
                    f"The server keeps artifacts at {uri}, where it does not take them itself.",
                    hint="Let it serve artifacts (mlflow server --serve-artifacts), or use mw server.",
                )
            # mlflow-artifacts://host:port/path names a host, mlflow-artifacts:/path does not.
            self._artifacts = (urlsplit(path).path if path.startswith("//") else path).strip("/")
        self._client.put_file(f"{self._artifacts}/{change.path}", self._blobs.path(change.digest))


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _number(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def _dataset(used: DatasetUsed) -> dict[str, Any]:
    facts = {"name": used.name, "digest": used.digest, "source_type": used.source_type, "source": used.source}
    facts |= {"schema": used.schema} if used.schema else {}
    facts |= {"profile": used.profile} if used.profile else {}
    return {"dataset": facts, "tags": [{"key": "mlflow.data.context", "value": used.context}]}


def _refusal(status: int, body: bytes, url: str) -> MillwrightError:
    try:
        answer = json.loads(body)
        said, code = str(answer.get("message", "")), str(answer.get("error_code", ""))
    except (ValueError, AttributeError):
        said, code = body[:200].decode(errors="replace"), ""
    message = f"The server {url} answered {status}: {said or code or 'nothing more'}"
    if status in {401, 403}:
        return StorageError(message, hint="Set MILLWRIGHT_TOKEN to a token that may write there.")
    if status == 404 and code == "RESOURCE_DOES_NOT_EXIST":
        return NotFoundError(message)
    if status == 409:
        return ConflictError(message)
    if 400 <= status < 500 and status not in {408, 429}:
        return InvalidInputError(message)
    return StorageError(message, hint="Sync again later; what is there stays there.")
