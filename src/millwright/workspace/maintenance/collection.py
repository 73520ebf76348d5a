"""Garbage collection: what was deleted or left the queue long ago goes for good, and blobs that no record names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import DEFAULT_EXPERIMENT, Lifecycle
from millwright.core.records.search import Query
from millwright.core.records.summary import SummarySpan
from millwright.workspace.maintenance.exclusion import exclusively

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.storage.catalog import Stores

_SCHEME = "mlflow-artifacts"
_PAGE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long what nobody sees any more is kept.

    Attributes:
        deleted: Deleted experiments, runs and logged models can be restored for this long; what has left the queue of
            runs is listed for as long.
        evidence: What serving processes have counted of a rollout is kept for so long after they last did; what was
            told of alerts, silences, and events for webhooks for as long after their end.
        grace: Blobs are kept for this long although no record names them: the record may be about to be written.
        hour_summaries: Summaries of hours of the prediction log are kept for so long; those of days stand in for them.
        day_summaries: Those of days.
    """

    deleted: timedelta
    grace: timedelta
    evidence: timedelta = timedelta(days=90)
    hour_summaries: timedelta = timedelta(days=35)
    day_summaries: timedelta = timedelta(days=400)


@dataclass(frozen=True, kw_only=True, slots=True)
class Garbage:
    """What can be removed, or was.

    Attributes:
        queue_entries: How many entries of the queue of runs; the runs themselves stay.
        evidence: How many entries of evidence about rollouts that have ended; the rollouts and decisions stay.
        notifications: How many notifications of alerts that were delivered or given up; the alerts stay.
        events: How many events that went to webhooks, or that none of them wanted, with their deliveries.
        summaries: How many summaries of hours and days of the prediction log; the log itself stays.
        segments: How many notes of which of its segments are in summaries, where all summaries are gone.
        files: Named artifacts of what is removed; known once it was removed.
        blobs: How many blobs no record names.
        size_bytes: Of those blobs.
        partial_files: What killed writers and given up uploads have left; known once it was removed.
    """

    experiments: tuple[ExperimentId, ...] = ()
    runs: tuple[RunId, ...] = ()
    logged_models: tuple[str, ...] = ()
    queue_entries: int = 0
    evidence: int = 0
    notifications: int = 0
    events: int = 0
    summaries: int = 0
    segments: int = 0
    files: int = 0
    blobs: int = 0
    size_bytes: int = 0
    partial_files: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to remove."""
        records = self.experiments or self.runs or self.logged_models or self.queue_entries or self.evidence
        counted = self.notifications or self.events or self.summaries or self.segments
        return not (records or counted or self.blobs or self.partial_files)


def find_garbage(stores: Stores, retention: Retention, *, now: datetime) -> Garbage:
    """What `collect` would remove now; blobs of records that are still to be purged are not counted."""
    experiments, runs, models = _deleted(stores, now - retention.deleted)
    blobs = _unnamed_blobs(stores, now - retention.grace)
    return Garbage(
        experiments=tuple(experiments),
        runs=tuple(runs),
        logged_models=tuple(models),
        queue_entries=sum(stores.queue.count(ended_before=now - retention.deleted).values()),
        evidence=stores.rollouts.count_evidence(now - retention.evidence),
        notifications=stores.notifications.count_ended(now - retention.evidence),
        events=stores.deliveries.count_ended(now - retention.evidence),
        summaries=sum(stores.summaries.count_before(*each) for each in _summaries_before(retention, now)),
        segments=sum(stores.summaries.count_noted(*each) for each in _closed_segments(stores, retention, now)),
        blobs=len(blobs),
        size_bytes=sum(blobs.values()),
    )


def collect(stores: Stores, retention: Retention, *, clock: Clock, actor: str) -> Garbage:
    """Remove it, with an entry in the audit log; others may read and write meanwhile.

    A process that is killed in between leaves a workspace that is whole: records go before the blobs they name, each in
    a transaction, and the next collection goes on.

    Raises:
        ConflictError: Another collection or a backup is under way.
    """
    with exclusively(stores.leases, clock):
        now = clock.now()
        partial_files = stores.artifacts.tidy(before=now - retention.grace) + stores.uploads.expire(now)
        experiments, runs, models = _deleted(stores, now - retention.deleted)
        files = sum(_purge_model(stores, model_id) for model_id in models)
        files += sum(_purge_run(stores, run_id) for run_id in runs)
        files += sum(_purge_experiment(stores, experiment_id) for experiment_id in experiments)
        queue_entries = stores.queue.purge(now - retention.deleted)
        evidence = stores.rollouts.purge_evidence(now - retention.evidence)
        notifications = stores.notifications.purge(now - retention.evidence)
        events = stores.deliveries.purge(now - retention.evidence)
        stores.monitors.purge_watches(now - retention.evidence)  # of versions that are no longer watched
        summaries = sum(stores.summaries.purge_before(*each) for each in _summaries_before(retention, now))
        segments = sum(stores.summaries.close_before(*each) for each in _closed_segments(stores, retention, now))
        removed = {
            digest: size
            for digest, size in _unnamed_blobs(stores, now - retention.grace).items()
            if _discard(stores, digest, now - retention.grace)
        }
        garbage = Garbage(
            experiments=tuple(experiments),
            runs=tuple(runs),
            logged_models=tuple(models),
            queue_entries=queue_entries,
            evidence=evidence,
            notifications=notifications,
            events=events,
            summaries=summaries,
            segments=segments,
            files=files,
            blobs=len(removed),
            size_bytes=sum(removed.values()),
            partial_files=partial_files,
        )
        if not garbage.is_nothing:
            _write_down(stores, garbage, at=now, actor=actor)
    return garbage


def _write_down(stores: Stores, garbage: Garbage, *, at: datetime, actor: str) -> None:
    details = {
        "experiments": list(garbage.experiments),
        "runs": len(garbage.runs),
        "logged_models": len(garbage.logged_models),
        "queue_entries": garbage.queue_entries,
        "evidence": garbage.evidence,
        "notifications": garbage.notifications,
        "events": garbage.events,
        "summaries": garbage.summaries,
        "segments": garbage.segments,
        "files": garbage.files,
        "blobs": garbage.blobs,
        "size_bytes": garbage.size_bytes,
    }
    stores.audit.append(at=at, actor=actor, action="workspace.collect", subject="workspace", details=details)


def _summaries_before(retention: Retention, now: datetime) -> list[tuple[SummarySpan, datetime]]:
    """Until when summaries go: whole days of them, since a day stands in for its hours when all of these are gone."""
    kept = {SummarySpan.HOUR: retention.hour_summaries, SummarySpan.DAY: retention.day_summaries}
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [(span, midnight - timedelta(days=length.days)) for span, length in kept.items()]


def _closed_segments(stores: Stores, retention: Retention, now: datetime) -> list[tuple[str, str]]:
    """Each endpoint, and before which segment of its log no summary is left, of hours or of days."""
    moment = min(before for _, before in _summaries_before(retention, now))
    end = stores.predictions.segments_end(moment)
    return [(fold.endpoint, end) for fold in stores.summaries.list_folds()]


def _deleted(stores: Stores, before: datetime) -> tuple[list[ExperimentId], list[RunId], list[str]]:
    """Experiments, runs and logged models deleted before some moment whose files no registered version names."""
    versions = stores.models.list_versions()
    named = {part for version in versions for uri in (version.location, version.source) for part in uri.split("/")}
    return (
        [each for each in _deleted_experiments(stores, before) if each not in named],
        [each for each in stores.runs.list_deleted(before) if each not in named],
        [each for each in stores.logged_models.list_deleted(before) if each not in named],
    )


def _deleted_experiments(stores: Stores, before: datetime) -> list[ExperimentId]:
    found: list[ExperimentId] = []
    token: str | None = None
    while True:
        page = stores.experiments.search(Query(limit=_PAGE, after=token), lifecycle=Lifecycle.DELETED)
        found += [
            record.id
            for record in page.items
            if (record.updated_at or record.created_at) < before and record.id != DEFAULT_EXPERIMENT
        ]
        token = page.next_token
        if token is None:
            return found


def _purge_model(stores: Stores, model_id: str) -> int:
    with stores.transactions.transaction():
        try:
            record = stores.logged_models.get(model_id, deleted=True)
        except NotFoundError:
            return 0
        if record.lifecycle is Lifecycle.ACTIVE:  # restored meanwhile
            return 0
        stores.logged_models.purge(model_id)
        return _delete_files(stores, record.artifact_location or f"/{record.experiment_id}/models/{model_id}", model_id)


def _purge_run(stores: Stores, run_id: RunId) -> int:
    with stores.transactions.transaction():
        try:
            run = stores.runs.get_run(run_id)
        except NotFoundError:
            return 0
        if run.lifecycle is Lifecycle.ACTIVE:
            return 0
        location = run.artifact_uri or stores.experiments.get(run.experiment_id).artifact_location
        stores.runs.purge(run_id)
        location = location or f"{_SCHEME}:/{run.experiment_id}"
        return _delete_files(stores, location if run_id in location else f"{location}/{run_id}", run_id)


def _purge_experiment(stores: Stores, experiment_id: ExperimentId) -> int:
    with stores.transactions.transaction():
        try:
            experiment = stores.experiments.get(experiment_id)
        except NotFoundError:
            return 0
        if experiment.lifecycle is Lifecycle.ACTIVE:
            return 0
        for model_id in stores.logged_models.list_ids(experiment_id):
            stores.logged_models.purge(model_id)
        stores.experiments.purge(experiment_id)
        return stores.files.delete(experiment_id) if not experiment.artifact_location else 0


def _delete_files(stores: Stores, uri: str, owner: str) -> int:
    """Remove the folder of the tree that is named after its owner; a foreign place stays as it is."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", _SCHEME}:
        return 0
    folders = parts.path.strip("/").split("/")
    if owner not in folders:
        return 0
    try:
        return stores.files.delete("/".join(folders[: folders.index(owner) + 1]))
    except InvalidInputError:
        return 0


def _unnamed_blobs(stores: Stores, before: datetime) -> dict[Digest, int]:
    """Blobs that were put before some moment and that no record names, with their sizes."""
    old = [digest for digest in stores.artifacts.iter() if (stores.artifacts.stored_at(digest) or before) < before]
    if not old:
        return {}
    # Read after the blobs were listed: what is named by now is not among them.
    named = stores.snapshots.named_digests()
    return {digest: stores.artifacts.size(digest) or 0 for digest in old if digest not in named}


def _discard(stores: Stores, digest: Digest, before: datetime) -> bool:
    return stores.artifacts.discard(digest, before=before, wanted=lambda: stores.files.is_named(digest))
