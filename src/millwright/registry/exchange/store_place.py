"""This workspace's own stores. Runs keep their ids; a run appears whole, after its files, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import ExperimentRecord, Lifecycle
from millwright.core.records.file import check_file_path
from millwright.core.records.run import MetricPoint, RunBatch, RunRecord, RunStatus
from millwright.core.records.search import Query
from millwright.registry.exchange.content import Artifact, Experiment, Point, Run
from millwright.registry.exchange.reading import read_run
from millwright.registry.exchange.store_logged_model import StoreLoggedModels
from millwright.registry.exchange.store_models import StoreModels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.registry.exchange.content import Model, Version
    from millwright.storage.catalog import Stores

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PAGE = 500
_BATCH = 10_000
_PARENT_TAG = "mlflow.parentRunId"
_RUN_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")  # it becomes a part of paths of artifacts


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """A run that is not written yet."""

    origin: Run
    experiment_id: str
    points: Iterable[Point]


class StorePlace:
    """Reads and writes the stores.

    Args:
        stores: Of the workspace.
        clock: The time.
        events: Told of model versions and aliases.
        actor: Who carries, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, actor: str, name: str) -> None:
        self.name = name
        self._stores = stores
        self._clock = clock
        self._models = StoreModels(stores=stores, clock=clock, events=events, actor=actor)
        self.logged_models = StoreLoggedModels(stores, clock)
        self._drafts: dict[str, _Draft] = {}

    def iter_experiments(self) -> Iterator[Experiment]:
        """See `Source.iter_experiments`."""
        token: str | None = None
        while True:
            page = self._stores.experiments.search(Query(limit=_PAGE, after=token))
            for record in page.items:
                yield Experiment(
                    id=record.id,
                    name=record.name,
                    created_ms=_millis(record.created_at),
                    updated_ms=_millis(record.updated_at or record.created_at),
                    deleted=record.lifecycle is Lifecycle.DELETED,
                    tags=record.tags,
                )
            token = page.next_token
            if token is None:
                return

    def iter_runs(self, experiment_id: str) -> Iterator[Run]:
        """See `Source.iter_runs`; the newest first, as the store keeps them."""
        token: str | None = None
        while True:
            query = Query(limit=_PAGE, after=token)
            page = self._stores.runs.search(query, experiment_ids=[ExperimentId(experiment_id)])
            links = self._stores.runs.list_links([record.id for record in page.items])
            for record in page.items:
                yield replace(_run(record), inputs=links[record.id].datasets)
            token = page.next_token
            if token is None:
                return

    def iter_points(self, run: Run) -> Iterator[Point]:
        """See `Source.iter_points`."""
        for summary in self._stores.metrics.summaries(RunId(run.id)):
            token: str | None = None
            while True:
                page = self._stores.metrics.history_raw(RunId(run.id), summary.key, limit=_BATCH, after=token)
                for value, timestamp, step in page.items:
                    yield Point(summary.key, value, timestamp, step)
                token = page.next_token
                if token is None:
                    break

    def list_files(self, run: Run) -> list[Artifact]:
        """See `Source.list_files`."""
        top = f"{run.experiment_id}/{run.id}/artifacts"
        found = [
            Artifact(path=file.path.removeprefix(f"{top}/"), size_bytes=file.size_bytes, digest=file.digest)
            for file in self._stores.files.walk(top)
        ]
        return sorted(found, key=lambda file: file.path)

    def read_file(self, run: Run, path: str) -> Iterator[bytes]:
        """See `Source.read_file`."""
        file = self._stores.files.find(f"{run.experiment_id}/{run.id}/artifacts/{path}")
        if file is None or file.digest is None:
            raise NotFoundError(f"The run {run.id} has no file {path}.")
        return self._stores.artifacts.read_chunks(file.digest)

    def iter_models(self) -> Iterator[Model]:
        """See `Source.iter_models`."""
        return self._models.iter_models()

    def iter_versions(self, name: str) -> Iterator[Version]:
        """See `Source.iter_versions`."""
        return self._models.iter_versions(name)

    def left_out(self) -> list[str]:
        """See `Source.left_out`; models of ours go as they are registered, without their packages."""
        own = sum(version.package is not None for version in self._stores.models.list_versions())
        return [f"{own} packages of model versions: not carried, only what is recorded of them"] if own else []

    def put_experiment(self, experiment: Experiment) -> tuple[str, bool]:
        """See `Target.put_experiment`."""
        now = self._clock.now()
        known = self._stores.experiments.find(experiment.name)
        if known is not None:
            if known.lifecycle is Lifecycle.DELETED:
                self._stores.experiments.set_lifecycle(known.id, Lifecycle.ACTIVE, now)
            return known.id, False
        record = ExperimentRecord(
            id=ExperimentId(""),
            name=experiment.name,
            created_at=_moment(experiment.created_ms),
            updated_at=_moment(experiment.updated_ms),
            tags=experiment.tags,
        )
        return self._stores.experiments.create(record).id, True

    def close_experiment(self, experiment: Experiment, own_id: str) -> None:
        """See `Target.close_experiment`."""
        if experiment.tags:
            self._stores.experiments.put_tags(ExperimentId(own_id), experiment.tags)
        if experiment.deleted:
            self._stores.experiments.set_lifecycle(ExperimentId(own_id), Lifecycle.DELETED, self._clock.now())

    def find_run(self, run: Run) -> Run | None:
        """See `Target.find_run`."""
        try:
            record = self._stores.runs.get_run(RunId(run.id))
        except NotFoundError:
            return None
        found = replace(_run(record), inputs=self._stores.runs.list_links([record.id])[record.id].datasets)
        self._models.remember(run.id, run.artifact_uri, found.artifact_uri)
        return found

    def is_complete(self, own: Run, origin: Run, digest: str) -> bool:
        """See `Target.is_complete`; what is there is read and compared, since an origin may have gone on."""
        # It may have come back with its experiment, which is active while runs are carried.
        as_there = replace(own, deleted=origin.deleted)
        if read_run(self, as_there, self.list_files(own)).digest != digest:
            return False
        if origin.deleted and not own.deleted:
            self._stores.runs.set_lifecycle(RunId(own.id), Lifecycle.DELETED, self._clock.now())
        return True

    def put_run(self, run: Run, experiment_id: str, points: Iterable[Point]) -> Run:
        """See `Target.put_run`; it is written by `close_run`, after its files.

        Raises:
            InvalidInputError: Its id cannot be a part of a path.
            ConflictError: Its id is that of a run in another experiment here.
        """
        if not _RUN_ID.fullmatch(run.id):
            raise InvalidInputError(f"Expected a run's id of letters and digits, found {run.id[:80]!r}.")
        known = self.find_run(run)
        if known is not None and known.experiment_id != experiment_id:
            raise ConflictError(f"The run {run.id} is in the experiment {known.experiment_id} here already.")
        self._drafts[run.id] = _Draft(origin=run, experiment_id=experiment_id, points=points)
        own = replace(run, experiment_id=experiment_id, artifact_uri=_uri(experiment_id, run.id))
        self._models.remember(run.id, run.artifact_uri, own.artifact_uri)
        return own

    def put_file(self, own: Run, path: str, pieces: Iterator[bytes]) -> None:
        """See `Target.put_file`."""
        full = check_file_path(f"{own.experiment_id}/{own.id}/artifacts/{path}")
        with self._stores.artifacts.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            size, digest = writer.size_bytes, writer.finish()
        self._stores.files.put(full, digest, size, self._clock.now())

    def close_run(self, own: Run, origin: Run, digest: str) -> None:
        """See `Target.close_run`."""
        del digest
        draft = self._drafts.pop(own.id)
        runs, run_id, now = self._stores.runs, RunId(own.id), self._clock.now()
        record = _record(origin, draft.experiment_id)
        with self._stores.transactions.transaction():
            try:
                known = runs.get_run(run_id)
            except NotFoundError:
                runs.create_run(record)
            else:
                if known.lifecycle is Lifecycle.DELETED:
                    runs.set_lifecycle(run_id, Lifecycle.ACTIVE, now)
                runs.update_run(run_id, status=record.status, ended_at=record.ended_at, name=record.name)
                runs.put_batch(run_id, RunBatch(params=record.params, tags=record.tags))
            points = iter(draft.points)
            while batch := list(islice(points, _BATCH)):
                runs.append_metrics(run_id, [_point(each) for each in batch])
            if origin.inputs:
                runs.add_inputs(run_id, origin.inputs)
            if origin.deleted:
                runs.set_lifecycle(run_id, Lifecycle.DELETED, now)

    def put_model(self, model: Model) -> bool:
        """See `Target.put_model`."""
        return self._models.put_model(model)

    def put_version(self, version: Version) -> bool:
        """See `Target.put_version`."""
        return self._models.put_version(version)

    def put_aliases(self, model: Model) -> None:
        """See `Target.put_aliases`."""
        self._models.put_aliases(model)


def _uri(experiment_id: str, run_id: str) -> str:
    return f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts"


def _run(record: RunRecord) -> Run:
    return Run(
        id=record.id,
        experiment_id=record.experiment_id,
        name=record.name,
        status=record.status.value.upper(),
        start_ms=_millis(record.started_at),
        end_ms=None if record.ended_at is None else _millis(record.ended_at),
        user=record.user,
        deleted=record.lifecycle is Lifecycle.DELETED,
        artifact_uri=_uri(record.experiment_id, record.id),
        params=record.params,
        tags=record.tags,
    )


def _record(run: Run, experiment_id: str) -> RunRecord:
    try:
        status = RunStatus(run.status.lower())
    except ValueError as error:
        raise InvalidInputError(f"Expected the status of a run, found {run.status!r}.") from error
    return RunRecord(
        id=RunId(run.id),
        experiment_id=ExperimentId(experiment_id),
        name=run.name,
        status=status,
        started_at=_moment(run.start_ms),
        ended_at=None if run.end_ms is None else _moment(run.end_ms),
        parent_id=RunId(run.tags[_PARENT_TAG]) if run.tags.get(_PARENT_TAG) else None,
        params=run.params,
        tags=run.tags,
        user=run.user,
    )


def _point(point: Point) -> MetricPoint:
    return MetricPoint(key=point.key, value=point.value, step=point.step, at=_moment(point.timestamp_ms))


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
