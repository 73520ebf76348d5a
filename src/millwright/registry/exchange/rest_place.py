"""A server that speaks MLflow's REST: a stock one, or ours."""

from __future__ import annotations

import tempfile
from itertools import islice
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError
from millwright.core.records.file import check_file_path
from millwright.registry.exchange.content import (
    DONE_TAG,
    ORIGIN_TAG,
    Artifact,
    Experiment,
    Model,
    Point,
    Run,
    Version,
)
from millwright.registry.exchange.rest_client import RestClient
from millwright.registry.exchange.rest_form import (
    experiment_of,
    input_body,
    pairs,
    point_body,
    point_of,
    proxied,
    run_of,
)
from millwright.registry.exchange.rest_left_out import left_out
from millwright.registry.exchange.rest_logged_model import RestLoggedModels
from millwright.registry.exchange.rest_models import RestModels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_POINTS, _PAIRS = 1000, 100  # most of one log-batch
_HISTORY_PAGE = 25_000
_MANY = 1000
_IN_MEMORY_BYTES = 8 << 20


class RestPlace:
    """Reads and writes through REST; a server gives runs ids of its own, so a tag remembers where each came from.

    Args:
        url: The server's.
    """

    def __init__(self, url: str) -> None:
        self._client = RestClient(url)
        self.name = self._client.url
        self._models = RestModels(self._client)
        self._runs: dict[str, Run] = {}  # by the id where they came from
        self.logged_models = RestLoggedModels(self._client, self._runs)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def iter_experiments(self) -> Iterator[Experiment]:
        """See `Source.iter_experiments`."""
        listed = self._client.list_all(
            "POST",
            "experiments/search",
            "experiments",
            max_results=_MANY,
            view_type="ALL",
            order_by=["creation_time ASC"],
        )
        yield from map(experiment_of, listed)

    def iter_runs(self, experiment_id: str) -> Iterator[Run]:
        """See `Source.iter_runs`; deleted experiments' runs are found as well."""
        found = self._client.list_all(
            "POST",
            "runs/search",
            "runs",
            experiment_ids=[experiment_id],
            run_view_type="ALL",
            max_results=_MANY,
            order_by=["attributes.start_time ASC"],
        )
        yield from map(run_of, found)

    def iter_points(self, run: Run) -> Iterator[Point]:
        """See `Source.iter_points`."""
        shown = self._client.get("runs/get", run_id=run.id)["run"]
        for key in sorted({metric["key"] for metric in shown.get("data", {}).get("metrics", ())}):
            pages = self._client.list_all(
                "GET", "metrics/get-history", "metrics", run_id=run.id, metric_key=key, max_results=_HISTORY_PAGE
            )
            for metric in pages:
                yield point_of(metric)

    def list_files(self, run: Run) -> list[Artifact]:
        """See `Source.list_files`."""
        proxied(run.artifact_uri)
        waiting, found = [""], []
        while waiting:
            query = {"run_id": run.id, **({"path": path} if (path := waiting.pop()) else {})}
            for item in self._client.list_all("GET", "artifacts/list", "files", **query):
                if item.get("is_dir"):
                    waiting.append(item["path"])
                else:
                    # The server is not trusted with names, either.
                    found.append(Artifact(path=check_file_path(item["path"]), size_bytes=int(item.get("file_size", 0))))
        return sorted(found, key=lambda file: file.path)

    def read_file(self, run: Run, path: str) -> Iterator[bytes]:
        """See `Source.read_file`."""
        return self._client.download(f"{proxied(run.artifact_uri)}/{path}")

    def iter_models(self) -> Iterator[Model]:
        """See `Source.iter_models`."""
        return self._models.iter_models()

    def iter_versions(self, name: str) -> Iterator[Version]:
        """See `Source.iter_versions`."""
        return self._models.iter_versions(name)

    def left_out(self) -> list[str]:
        """See `Source.left_out`."""
        return left_out(self._client, list(self.iter_experiments()))

    def put_experiment(self, experiment: Experiment) -> tuple[str, bool]:
        """See `Target.put_experiment`."""
        try:
            known = self._client.get("experiments/get-by-name", experiment_name=experiment.name)["experiment"]
        except NotFoundError:
            return str(self._client.post("experiments/create", {"name": experiment.name})["experiment_id"]), True
        own_id = str(known["experiment_id"])
        if known.get("lifecycle_stage") == "deleted":
            self._client.post("experiments/restore", {"experiment_id": own_id})
        found = (run for run in self.iter_runs(own_id) if ORIGIN_TAG in run.tags)
        self._runs.update({run.tags[ORIGIN_TAG]: run for run in found})
        return own_id, False

    def close_experiment(self, experiment: Experiment, own_id: str) -> None:
        """See `Target.close_experiment`."""
        for key, value in experiment.tags.items():
            body = {"experiment_id": own_id, "key": key, "value": value}
            self._client.post("experiments/set-experiment-tag", body)
        if experiment.deleted:
            self._client.post("experiments/delete", {"experiment_id": own_id})

    def find_run(self, run: Run) -> Run | None:
        """See `Target.find_run`."""
        return self._runs.get(run.id)

    def is_complete(self, own: Run, origin: Run, digest: str) -> bool:
        """See `Target.is_complete`."""
        if own.tags.get(DONE_TAG) != digest:
            return False
        if origin.deleted and not own.deleted:  # it came back with its experiment
            self._client.post("runs/delete", {"run_id": own.id})
        return True

    def put_run(self, run: Run, experiment_id: str, points: Iterable[Point]) -> Run:
        """See `Target.put_run`; servers keep equal points once, so points that are there already do no harm."""
        own = self._runs.get(run.id)
        if own is None:
            tags = {**run.tags, ORIGIN_TAG: run.id}
            body = {
                "experiment_id": experiment_id,
                "start_time": run.start_ms,
                "run_name": run.name,
                "user_id": run.user,
                "tags": pairs(dict(islice(tags.items(), _PAIRS - 1)) | {ORIGIN_TAG: run.id}),
            }
            own = run_of(self._client.post("runs/create", body)["run"])
            self._runs[run.id] = own
        elif own.deleted:
            self._client.post("runs/restore", {"run_id": own.id})
        for name, values in (("params", run.params), ("tags", run.tags)):
            for page in _pages(values.items(), _PAIRS):
                self._client.post("runs/log-batch", {"run_id": own.id, name: pairs(dict(page))})
        for batch in _pages(points, _POINTS):
            self._client.post("runs/log-batch", {"run_id": own.id, "metrics": [point_body(each) for each in batch]})
        if run.inputs:
            self._client.post(
                "runs/log-inputs", {"run_id": own.id, "datasets": [input_body(each) for each in run.inputs]}
            )
        return own

    def put_file(self, own: Run, path: str, pieces: Iterator[bytes]) -> None:
        """See `Target.put_file`."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            for piece in pieces:
                file.write(piece)
            self._client.upload(f"{proxied(own.artifact_uri)}/{path}", file)

    def close_run(self, own: Run, origin: Run, digest: str) -> None:
        """See `Target.close_run`."""
        ended = {} if origin.end_ms is None else {"end_time": origin.end_ms}
        self._client.post("runs/update", {"run_id": own.id, "status": origin.status, "run_name": origin.name, **ended})
        self._client.post("runs/set-tag", {"run_id": own.id, "key": DONE_TAG, "value": digest})
        if origin.deleted:
            self._client.post("runs/delete", {"run_id": own.id})
        self._runs[origin.id] = run_of(self._client.get("runs/get", run_id=own.id)["run"])

    def put_model(self, model: Model) -> bool:
        """See `Target.put_model`."""
        return self._models.put_model(model)

    def put_version(self, version: Version) -> bool:
        """See `Target.put_version`."""
        model_id = version.source.removeprefix("models:/")
        own_id = self.logged_models.own_id(model_id) if model_id != version.source else None
        return self._models.put_version(version, self._runs.get(version.run_id), own_id)

    def put_aliases(self, model: Model) -> None:
        """See `Target.put_aliases`."""
        self._models.put_aliases(model)


def _pages(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(items)
    while page := list(islice(left, size)):
        yield page
