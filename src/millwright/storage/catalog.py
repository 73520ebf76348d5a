"""Opens the stores that URLs name. The only module that knows the back-ends."""

from __future__ import annotations

import re
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from millwright.core.errors import ConfigurationError
from millwright.storage.folder import open_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.storage.base import (
        AccountStore,
        ArtifactStore,
        AuditStore,
        DatasetStore,
        DeliveryStore,
        EndpointStore,
        EvaluationStore,
        ExperimentStore,
        FileStore,
        LeaseStore,
        LineageStore,
        LoggedModelStore,
        MetricStore,
        ModelSearchStore,
        ModelStore,
        MonitorStore,
        PipelineStore,
        PredictionStore,
        RunStore,
        SnapshotStore,
        SpanStore,
        TraceMetricStore,
        TraceStore,
        Transactions,
        UploadStore,
    )
    from millwright.storage.base.assessments import AssessmentStore
    from millwright.storage.base.contracts import ContractStore
    from millwright.storage.base.features import FeatureDefinitionStore
    from millwright.storage.base.notifications import NotificationStore
    from millwright.storage.base.online import OnlineStore
    from millwright.storage.base.queue import RunQueueStore
    from millwright.storage.base.rollouts import RolloutStore
    from millwright.storage.base.schedules import ScheduleStore
    from millwright.storage.base.summaries import SummaryStore
    from millwright.storage.base.triggers import TriggerStore

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BACKENDS = "millwright.storage.backends"
_SQL = {  # name of a store, and of its module → its class
    "transactions": "SqlTransactions",
    "experiments": "SqlExperimentStore",
    "runs": "SqlRunStore",
    "metrics": "SqlMetricStore",
    "datasets": "SqlDatasetStore",
    "pipelines": "SqlPipelineStore",
    "models": "SqlModelStore",
    "model_search": "SqlModelSearchStore",
    "audit": "SqlAuditStore",
    "lineage": "SqlLineageStore",
    "endpoints": "SqlEndpointStore",
    "monitors": "SqlMonitorStore",
    "notifications": "SqlNotificationStore",
    "files": "SqlFileStore",
    "logged_models": "SqlLoggedModelStore",
    "traces": "SqlTraceStore",
    "spans": "SqlSpanStore",
    "trace_metrics": "SqlTraceMetricStore",
    "assessments": "SqlAssessmentStore",
    "evaluations": "SqlEvaluationStore",
    "accounts": "SqlAccountStore",
    "deliveries": "SqlDeliveryStore",
    "leases": "SqlLeaseStore",
    "snapshots": "SqlSnapshotStore",
    "contracts": "SqlContractStore",
    "features": "SqlFeatureDefinitionStore",
    "queue": "SqlRunQueueStore",
    "schedules": "SqlScheduleStore",
    "triggers": "SqlTriggerStore",
    "rollouts": "SqlRolloutStore",
    "summaries": "SqlSummaryStore",
}


class Stores:
    """One store per record family, all of one workspace; each is made, and its module loaded, when first asked for.

    Thread-safe.

    Attributes:
        transactions: Makes several calls on the record stores (all but the last three) one change.

    Args:
        makers: What makes each store, by its name.
        on_close: Closes what is open.
    """

    transactions: Transactions
    experiments: ExperimentStore
    runs: RunStore
    metrics: MetricStore
    datasets: DatasetStore
    pipelines: PipelineStore
    models: ModelStore
    model_search: ModelSearchStore
    audit: AuditStore
    lineage: LineageStore
    endpoints: EndpointStore
    monitors: MonitorStore
    notifications: NotificationStore
    files: FileStore
    logged_models: LoggedModelStore
    traces: TraceStore
    spans: SpanStore
    trace_metrics: TraceMetricStore
    assessments: AssessmentStore
    evaluations: EvaluationStore
    accounts: AccountStore
    deliveries: DeliveryStore
    leases: LeaseStore
    snapshots: SnapshotStore
    contracts: ContractStore
    features: FeatureDefinitionStore
    queue: RunQueueStore
    schedules: ScheduleStore
    triggers: TriggerStore
    rollouts: RolloutStore
    summaries: SummaryStore
    artifacts: ArtifactStore
    uploads: UploadStore
    predictions: PredictionStore

    def __init__(self, makers: Mapping[str, Callable[[], object]], on_close: Callable[[], None]) -> None:
        self._makers = makers
        self._on_close = on_close

    if not TYPE_CHECKING:  # what is declared above is all there is

        def __getattr__(self, name: str) -> object:
            """Make a store that was not asked for before; of two threads that do so at once, both get the same."""
            maker = self.__dict__.get("_makers", {}).get(name)
            if maker is None:
                raise AttributeError(f"Expected the name of a store, found {name!r}.")
            return self.__dict__.setdefault(name, maker())

    def replaced(self, **stores: object) -> Stores:
        """The same, but for some stores: given by their names."""
        return Stores(
            {**self._makers, **{name: partial(_same, store) for name, store in stores.items()}}, self._on_close
        )

    def close(self) -> None:
        """Close the connections that are open; a store that is used again opens new ones."""
        self._on_close()


def open_stores(*, records_url: str, artifacts_url: str, predictions_url: str) -> Stores:
    """Open a workspace's stores, creating or migrating what needs it. Any number of processes may do so at once.

    Args:
        records_url: `sqlite:////absolute/path.db` or `postgresql://user@host/database`.
        artifacts_url: A local path or any URL that fsspec knows.
        predictions_url: Likewise.

    Raises:
        ConfigurationError: A URL is of an unknown kind.
        MissingExtraError: The library for a kind of URL is not installed.
        StoreVersionError: A newer Millwright wrote the records.
        StorageError: A store cannot be reached, read or written, or belongs to another program.
    """
    from millwright.storage.backends.sql.database import connect
    from millwright.storage.backends.sql.revision import bring_up_to_date

    database = connect(records_url)
    bring_up_to_date(database)
    artifacts, predictions = open_folder(artifacts_url), open_folder(predictions_url)
    makers = {name: partial(_make, f"sql.{name}", kind, database) for name, kind in _SQL.items()}
    makers["artifacts"] = partial(_make, "artifacts.blob", "FolderArtifactStore", artifacts)
    makers["uploads"] = partial(_make, "artifacts.upload", "FolderUploadStore", artifacts)
    makers["predictions"] = partial(_make, "predictions.log", "FolderPredictionStore", predictions)
    return Stores(makers, database.close)


def _make(module: str, kind: str, place: Any) -> object:
    store: object = getattr(import_module(f"{_BACKENDS}.{module}"), kind)(place)
    return store


def _same(store: object) -> object:
    return store


def open_online(url: str) -> OnlineStore:
    """An online store; nothing is connected to, made or read before it is used.

    Args:
        url: A local folder, `redis://host:6379/0` (or `rediss://`, `unix://`), or `postgresql://user@host/database`.
            `?prefix=name` there keeps what several workspaces put on one server apart; `millwright` by default.

    Raises:
        ConfigurationError: The URL is of an unknown kind, or its prefix is none.
    """
    scheme, is_url, rest = url.partition("://")
    if not is_url or scheme == "file":
        from millwright.storage.backends.online.lmdb import LmdbOnlineStore

        return LmdbOnlineStore(rest if is_url else url)
    stripped, prefix = _without_prefix(url)
    if scheme in {"redis", "rediss", "unix"}:
        from millwright.storage.backends.online.redis import RedisOnlineStore

        return RedisOnlineStore(stripped, prefix=prefix)
    if scheme in {"postgresql", "postgres"}:
        from millwright.storage.backends.online.postgres import PostgresOnlineStore

        return PostgresOnlineStore(stripped, prefix=prefix)
    raise ConfigurationError(
        f"Expected a folder, redis:// or postgresql:// as the online store, found {scheme}://.",
        hint="See the setting 'online'.",
    )


def _without_prefix(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    options = parse_qsl(parts.query, keep_blank_values=True)
    prefix = dict(options).get("prefix", "millwright")
    if not _PREFIX.fullmatch(prefix):
        raise ConfigurationError(
            f"Expected the online store's prefix to be small letters, digits and '_', found {prefix[:60]!r}.",
            hint="Such as: redis://host:6379/0?prefix=team_a",
        )
    kept = urlencode([(name, value) for name, value in options if name != "prefix"])
    return urlunsplit(parts._replace(query=kept)), prefix
