"""Logged models of a server that speaks MLflow's REST."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.core.records.file import check_file_path
from millwright.registry.exchange.content import DONE_TAG, ORIGIN_TAG, Artifact
from millwright.registry.exchange.logged_model import LoggedModel, ModelPoint
from millwright.registry.exchange.rest_form import pairs, point_body, point_of, proxied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from millwright.registry.exchange.content import Run
    from millwright.registry.exchange.logged_model import ModelContent
    from millwright.registry.exchange.rest_client import RestClient

_STATUSES = ("STATUS_UNSPECIFIED", "PENDING", "READY", "UPLOAD_FAILED")  # in the order of `logged_model.STATUSES`
_PAGE = 50
_POINTS = 1000  # most of one log-batch
_FINAL = (2, 3)  # those that a client may set
_IN_MEMORY_BYTES = 8 << 20


class RestLoggedModels:
    """Reads and writes them; see `LoggedModelReader` and `LoggedModelTarget`. Deleted ones are shown by no server.

    Args:
        client: The connection.
        runs: Those that were carried, by the id where they came from.
    """

    def __init__(self, client: RestClient, runs: Mapping[str, Run]) -> None:
        self._client = client
        self._runs = runs
        self._own: dict[str, LoggedModel] = {}  # by the id where they came from
        self._listed: set[str] = set()  # experiments whose models that came from elsewhere are known

    def iter_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """See `LoggedModelReader.iter_models`."""
        try:
            yield from map(self._model, self._shown(experiment_id))
        except NotFoundError:  # a server from before there were any
            return

    def list_files(self, model: LoggedModel) -> list[Artifact]:
        """See `LoggedModelReader.list_files`."""
        proxied(model.artifact_uri)
        waiting, found = [""], []
        while waiting:
            query = {"artifact_directory_path": path} if (path := waiting.pop()) else {}
            for item in self._client.list_all(
                "GET", f"logged-models/{model.id}/artifacts/directories", "files", **query
            ):
                if item.get("is_dir"):
                    waiting.append(item["path"])
                else:
                    found.append(Artifact(path=check_file_path(item["path"]), size_bytes=int(item.get("file_size", 0))))
        return sorted(found, key=lambda file: file.path)

    def read_file(self, model: LoggedModel, path: str) -> Iterator[bytes]:
        """See `LoggedModelReader.read_file`."""
        return self._client.download(f"{proxied(model.artifact_uri)}/{path}")

    def own_id(self, model_id: str) -> str | None:
        """The id here of one that was carried."""
        own = self._own.get(model_id)
        return own.id if own else None

    def find(self, model: LoggedModel, experiment_id: str) -> LoggedModel | None:
        """See `LoggedModelTarget.find`; a tag remembers where each came from."""
        if experiment_id not in self._listed:
            found = (own for own in self.iter_models(experiment_id) if ORIGIN_TAG in own.tags)
            self._own.update({own.tags[ORIGIN_TAG]: own for own in found})
            self._listed.add(experiment_id)
        own = self._own.get(model.id)
        if own is None:
            return None
        origins = {run.id: origin for origin, run in self._runs.items()}
        points = (each._replace(run_id=origins.get(each.run_id, "")) for each in own.points)
        return replace(own, points=tuple(points))

    def is_complete(self, own: LoggedModel, content: ModelContent) -> bool:
        """See `LoggedModelTarget.is_complete`."""
        return own.tags.get(DONE_TAG) == content.digest

    def put_file(self, model: LoggedModel, experiment_id: str, file: Artifact, pieces: Iterable[bytes]) -> None:
        """See `LoggedModelTarget.put_file`."""
        own = self._made(model, experiment_id)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as spool:
            for piece in pieces:
                spool.write(piece)
            self._client.upload(f"{proxied(own.artifact_uri)}/{file.path}", spool)

    def put(self, model: LoggedModel, experiment_id: str) -> None:
        """See `LoggedModelTarget.put`."""
        own = self._made(model, experiment_id)
        one = f"logged-models/{own.id}"
        params = {key: value for key, value in model.params.items() if own.params.get(key) != value}
        if params:
            self._client.post(f"{one}/params", {"model_id": own.id, "params": pairs(params)})
        tags = {key: value for key, value in model.tags.items() if own.tags.get(key) != value}
        if tags:
            self._client.ask("PATCH", f"{one}/tags", {"model_id": own.id, "tags": pairs(tags)})
        if model.status in _FINAL and own.status != model.status:
            body = {"model_id": own.id, "status": f"LOGGED_MODEL_{_STATUSES[model.status]}"}
            self._client.ask("PATCH", one, body)
        for origin, step in model.outputs.items():
            run = self._runs.get(origin)
            if run is not None and run.id not in own.outputs:
                self._write_to(run.id, "runs/outputs", {"models": [{"model_id": own.id, "step": step}]})
        self._measure(model, own)
        self._own[model.id] = self._model(self._client.get(one)["model"])

    def close(self, own: LoggedModel, digest: str) -> None:
        """See `LoggedModelTarget.close`."""
        tags = pairs({DONE_TAG: digest})
        self._client.ask("PATCH", f"logged-models/{own.id}/tags", {"model_id": own.id, "tags": tags})

    def _measure(self, model: LoggedModel, own: LoggedModel) -> None:
        """Log the points that are not there; their runs have them already, and a server keeps equal ones once."""
        known = {each.mark for each in own.points}
        bodies: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in model.points:
            run = self._runs.get(each.run_id)
            if run is None or each._replace(run_id=run.id).mark in known:
                continue
            measured_on = {"dataset_name": each.dataset_name, "dataset_digest": each.dataset_digest}
            told = {name: value for name, value in measured_on.items() if value}
            bodies[run.id].append({**point_body(each.point), "model_id": own.id, **told})
        for run_id, found in bodies.items():
            for at in range(0, len(found), _POINTS):
                self._write_to(run_id, "runs/log-batch", {"metrics": found[at : at + _POINTS]})

    def _write_to(self, run_id: str, path: str, body: Mapping[str, Any]) -> None:
        """Write to a run; a deleted one is there for as long as that takes."""
        shown = self._client.get("runs/get", run_id=run_id)["run"]
        deleted = shown["info"].get("lifecycle_stage") == "deleted"
        if deleted:
            self._client.post("runs/restore", {"run_id": run_id})
        self._client.post(path, {"run_id": run_id, **body})
        if deleted:
            self._client.post("runs/delete", {"run_id": run_id})

    def _made(self, model: LoggedModel, experiment_id: str) -> LoggedModel:
        own = self._own.get(model.id)
        if own is None:
            run = self._runs.get(model.source_run_id)
            body = {
                "experiment_id": experiment_id,
                "name": model.name,
                "params": pairs(model.params),
                "tags": pairs({**model.tags, ORIGIN_TAG: model.id}),
                **({"model_type": model.model_type} if model.model_type else {}),
                **({"source_run_id": run.id} if run else {}),
            }
            own = self._own[model.id] = self._model(self._client.post("logged-models", body)["model"])
        return own

    def _shown(self, experiment_id: str) -> Iterator[dict[str, Any]]:
        order = [{"field_name": "creation_timestamp", "ascending": True}]
        return self._client.list_all(
            "POST",
            "logged-models/search",
            "models",
            experiment_ids=[experiment_id],
            max_results=_PAGE,
            order_by=order,
        )

    def _model(self, shown: Mapping[str, Any]) -> LoggedModel:
        info, data = shown["info"], shown.get("data", {})
        model_id, run_id = str(info["model_id"]), str(info.get("source_run_id", ""))
        created = int(info.get("creation_timestamp_ms", 0))
        status = str(info.get("status", "")).removeprefix("LOGGED_MODEL_")
        return LoggedModel(
            id=model_id,
            experiment_id=str(info["experiment_id"]),
            name=str(info.get("name", "")),
            artifact_uri=str(info.get("artifact_uri", "")),
            created_ms=created,
            updated_ms=int(info.get("last_updated_timestamp_ms", created)),
            status=_STATUSES.index(status) if status in _STATUSES else 0,
            status_message=info.get("status_message"),
            model_type=info.get("model_type") or None,
            source_run_id=run_id,
            params={str(each["key"]): str(each.get("value", "")) for each in data.get("params", ())},
            tags={str(each["key"]): str(each.get("value", "")) for each in info.get("tags", ())},
            outputs=self._outputs(model_id, run_id),
            points=tuple(
                ModelPoint(
                    run_id=str(each.get("run_id", "")),
                    point=point_of(each),
                    dataset_name=each.get("dataset_name") or "",
                    dataset_digest=each.get("dataset_digest") or "",
                )
                for each in data.get("metrics", ())
            ),
        )

    def _outputs(self, model_id: str, run_id: str) -> dict[str, int]:
        if not run_id:
            return {}
        try:
            run = self._client.get("runs/get", run_id=run_id)["run"]
        except MillwrightError:  # the run was removed for good
            return {}
        outputs = run.get("outputs", {}).get("model_outputs", ())
        steps = [int(each.get("step", 0)) for each in outputs if each.get("model_id") == model_id]
        return {run_id: steps[-1]} if steps else {}
