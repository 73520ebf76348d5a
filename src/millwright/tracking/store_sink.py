"""Writes a run's changes into the workspace's stores."""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from millwright.core.errors import AlreadyExistsError
from millwright.core.records.run import RunStatus
from millwright.core.records.run_input import DatasetInput
from millwright.tracking.change import (
    DatasetUsed,
    FileLogged,
    ParamsLogged,
    PointsLogged,
    RunEnded,
    RunResumed,
    RunStarted,
    TagsSet,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.ids import RunId
    from millwright.core.records.run import RunRecord
    from millwright.storage.catalog import Stores
    from millwright.tracking.blob import LocalBlobs
    from millwright.tracking.change import Change
    from millwright.tracking.tracker import Tracker


class StoreSink:
    """The stores as a sink for one run.

    Args:
        run_id: The run.
        stores: The workspace's.
        tracker: Finds and makes experiments.
        blobs: Where bytes may wait that the artifact store does not have yet.
        keep_blobs: Leave them there.
    """

    def __init__(
        self, run_id: RunId, *, stores: Stores, tracker: Tracker, blobs: LocalBlobs, keep_blobs: bool = False
    ) -> None:
        self._run_id = run_id
        self._stores = stores
        self._tracker = tracker
        self._blobs = blobs
        self._keep_blobs = keep_blobs
        self._root = ""

    def write(self, changes: Sequence[Change]) -> None:
        """See `Sink.write`."""
        waiting = [
            change.digest for change in changes if isinstance(change, FileLogged) and self._blobs.has(change.digest)
        ]
        for digest in waiting:
            self._stores.artifacts.put_file(self._blobs.path(digest))
        with self._stores.transactions.transaction():
            for kind, group in groupby(changes, type):
                if kind is PointsLogged:
                    points = [point for change in group if isinstance(change, PointsLogged) for point in change.points]
                    self._stores.runs.append_metrics(self._run_id, points)
                else:
                    for change in group:
                        self._apply(change)
        if not self._keep_blobs:
            for digest in waiting:
                self._blobs.delete(digest)

    def _apply(self, change: Change) -> None:
        runs, run_id = self._stores.runs, self._run_id
        match change:
            case RunStarted():
                with suppress(AlreadyExistsError), self._stores.transactions.transaction():  # replayed
                    runs.create_run(change.record(self._tracker.experiment(change.experiment).id))
            case RunResumed():
                runs.update_run(run_id, status=RunStatus.RUNNING)
            case ParamsLogged():
                runs.put_params(run_id, change.params)
            case TagsSet():
                runs.put_tags(run_id, change.tags)
            case FileLogged():
                path = f"{self._artifact_root()}/{change.path}"
                self._stores.files.put(path, change.digest, change.size_bytes, change.at)
            case DatasetUsed():
                runs.add_inputs(run_id, [_input(change)])
            case RunEnded():
                runs.update_run(run_id, status=change.status, ended_at=change.at)

    def _artifact_root(self) -> str:
        if not self._root:
            self._root = artifact_root(self._stores.runs.get_run(self._run_id))
        return self._root


def artifact_root(run: RunRecord) -> str:
    """The folder of a run's artifacts in the tree of named artifacts."""
    scheme, _, path = run.artifact_uri.partition(":")
    if scheme == "mlflow-artifacts" and path.strip("/"):
        return path.strip("/")
    return f"{run.experiment_id}/{run.id}/artifacts"


def _input(used: DatasetUsed) -> DatasetInput:
    return DatasetInput(
        name=used.name,
        digest=used.digest,
        source_type=used.source_type,
        source=used.source,
        schema=used.schema,
        profile=used.profile,
        tags={"mlflow.data.context": used.context},
    )
