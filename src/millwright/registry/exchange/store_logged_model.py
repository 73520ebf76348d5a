"""Logged models of this workspace, read and written; ids are kept, and a model appears after its files."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.file import check_file_path
from millwright.core.records.logged_model import LoggedModelRecord
from millwright.core.records.run import MetricPoint
from millwright.core.records.run_input import ModelOutput
from millwright.registry.exchange.content import Artifact, Point
from millwright.registry.exchange.logged_model import STATUSES, LoggedModel, ModelContent, ModelPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")  # it becomes a part of paths of artifacts
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RUN = attrgetter("run_id")


class StoreLoggedModels:
    """See `LoggedModelReader` and `LoggedModelTarget`.

    Args:
        stores: Of the workspace.
        clock: The time.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def iter_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """See `LoggedModelReader.iter_models`; those that are not deleted."""
        for model_id in self._stores.logged_models.list_ids(ExperimentId(experiment_id)):
            with suppress(NotFoundError):
                yield self._model(self._stores.logged_models.get(model_id))

    def list_files(self, model: LoggedModel) -> list[Artifact]:
        """See `LoggedModelReader.list_files`."""
        top = _top(model)
        found = [
            Artifact(path=file.path.removeprefix(f"{top}/"), size_bytes=file.size_bytes, digest=file.digest)
            for file in self._stores.files.walk(top)
        ]
        return sorted(found, key=lambda file: file.path)

    def read_file(self, model: LoggedModel, path: str) -> Iterator[bytes]:
        """See `LoggedModelReader.read_file`."""
        file = self._stores.files.find(f"{_top(model)}/{path}")
        if file is None or file.digest is None:
            raise NotFoundError(f"The logged model {model.id} has no file {path}.")
        return self._stores.artifacts.read_chunks(file.digest)

    def find(self, model: LoggedModel, experiment_id: str) -> LoggedModel | None:
        """See `LoggedModelTarget.find`."""
        del experiment_id  # ids are kept
        record = self._find(model.id)
        return None if record is None else self._model(record)

    def is_complete(self, own: LoggedModel, content: ModelContent) -> bool:
        """See `LoggedModelTarget.is_complete`; what is there is compared, since an origin may have gone on."""
        files = {file.path: file.digest or "" for file in self.list_files(own)}
        if content.missing(ModelContent(model=own, files=files)):
            return False
        if content.model.deleted and not own.deleted:
            self._stores.logged_models.set_lifecycle(own.id, Lifecycle.DELETED, self._clock.now())
        return True

    def put_file(self, model: LoggedModel, experiment_id: str, file: Artifact, pieces: Iterable[bytes]) -> None:
        """See `LoggedModelTarget.put_file`.

        Raises:
            InvalidInputError: It is not as long as it was said to be.
        """
        full = check_file_path(f"{_place(model, experiment_id)}/{file.path}")
        with self._stores.artifacts.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            size, digest = writer.size_bytes, writer.finish()
        if size != file.size_bytes:
            raise InvalidInputError(f"Expected {file.size_bytes} bytes of {file.path}, found {size}.")
        self._stores.files.put(full, digest, size, self._clock.now())

    def put(self, model: LoggedModel, experiment_id: str) -> None:
        """See `LoggedModelTarget.put`: the record, which runs made it, and what they measured on it.

        Raises:
            InvalidInputError: Its status is none of MLflow's.
            ConflictError: A parameter has another value here.
        """
        record, models = _record(model, experiment_id), self._stores.logged_models
        with self._stores.transactions.transaction():
            known = self._find(model.id)
            if known is None:
                models.create(record)
            else:
                models.put_params(record.id, record.params)
                models.put_tags(record.id, record.tags)
                if known.status is not record.status:
                    models.set_status(record.id, record.status, self._clock.now(), message=record.status_message)
            for run_id, step in model.outputs.items():
                with suppress(NotFoundError), self._active(RunId(run_id)):
                    self._stores.runs.add_outputs(RunId(run_id), [ModelOutput(model_id=model.id, step=step)])
            for run_id, points in groupby(sorted(model.points, key=_RUN), key=_RUN):
                with suppress(NotFoundError), self._active(RunId(run_id)):
                    self._stores.runs.append_metrics(RunId(run_id), list(self._measured(model.id, points)))
            if model.deleted:
                models.set_lifecycle(record.id, Lifecycle.DELETED, self._clock.now())

    def close(self, own: LoggedModel, digest: str) -> None:
        """See `LoggedModelTarget.close`; what was written in one transaction needs no mark."""

    def _measured(self, model_id: str, points: Iterable[ModelPoint]) -> Iterator[MetricPoint]:
        """Points of a model as its run has them: MLflow's own store makes 0 of NaN with the model, not with the run."""
        unknown: dict[tuple[str, str], set[tuple[int, int]]] = {}
        for run_id, (key, value, timestamp, step), name, digest in points:
            if value == 0 and (run_id, key) not in unknown:
                history = self._stores.metrics.history_raw(RunId(run_id), key).items
                unknown[run_id, key] = {(at, there) for number, at, there in history if number != number}  # noqa: PLR0124 - NaN
            is_nan = value == 0 and (timestamp, step) in unknown[run_id, key]
            yield MetricPoint(
                key=key,
                value=float("nan") if is_nan else value,
                step=step,
                at=_moment(timestamp),
                model_id=model_id,
                dataset_name=name or None,
                dataset_digest=digest or None,
            )

    @contextmanager
    def _active(self, run_id: RunId) -> Iterator[None]:
        """A deleted run cannot be written to: it is there for a moment, inside the transaction."""
        deleted = self._stores.runs.get_run(run_id).lifecycle is Lifecycle.DELETED
        if deleted:
            self._stores.runs.set_lifecycle(run_id, Lifecycle.ACTIVE, self._clock.now())
        yield
        if deleted:
            self._stores.runs.set_lifecycle(run_id, Lifecycle.DELETED, self._clock.now())

    def _find(self, model_id: str) -> LoggedModelRecord | None:
        with suppress(NotFoundError):
            return self._stores.logged_models.get(model_id, deleted=True)
        return None

    def _model(self, record: LoggedModelRecord) -> LoggedModel:
        run_id = record.source_run_id
        outputs = self._stores.runs.list_links([RunId(run_id)])[RunId(run_id)].outputs if run_id else ()
        return LoggedModel(
            id=record.id,
            experiment_id=record.experiment_id,
            name=record.name,
            artifact_uri=record.artifact_location,
            created_ms=_millis(record.created_at),
            updated_ms=_millis(record.updated_at),
            status=STATUSES.index(record.status),
            status_message=record.status_message,
            model_type=record.model_type,
            source_run_id=run_id or "",
            deleted=record.lifecycle is Lifecycle.DELETED,
            params=record.params,
            tags=record.tags,
            outputs={str(run_id): output.step for output in outputs if output.model_id == record.id},
            points=tuple(
                ModelPoint(
                    run_id=run,
                    point=Point(each.key, each.value, _millis(each.at), each.step),
                    dataset_name=each.dataset_name or "",
                    dataset_digest=each.dataset_digest or "",
                )
                for run, each in self._stores.metrics.of_models([record.id])[record.id]
            ),
        )


def _record(model: LoggedModel, experiment_id: str) -> LoggedModelRecord:
    if not 0 <= model.status < len(STATUSES):
        raise InvalidInputError(f"Expected the status of a logged model, found {model.status}.")
    return LoggedModelRecord(
        id=model.id,
        experiment_id=ExperimentId(experiment_id),
        name=model.name,
        artifact_location=f"mlflow-artifacts:/{_place(model, experiment_id)}",
        created_at=_moment(model.created_ms),
        updated_at=_moment(model.updated_ms),
        status=STATUSES[model.status],
        status_message=model.status_message,
        model_type=model.model_type,
        source_run_id=RunId(model.source_run_id) if model.source_run_id else None,
        params=model.params,
        tags=model.tags,
    )


def _place(model: LoggedModel, experiment_id: str) -> str:
    if not _ID.fullmatch(model.id):
        raise InvalidInputError(f"Expected a logged model's id of letters and digits, found {model.id[:80]!r}.")
    return f"{experiment_id}/models/{model.id}/artifacts"


def _top(model: LoggedModel) -> str:
    return model.artifact_uri.removeprefix("mlflow-artifacts:").strip("/")


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
