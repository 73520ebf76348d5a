"""Opens the stores that URLs name. The only module that knows the back-ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from millwright.core.errors import ConfigurationError
from millwright.storage.backends.artifacts.blob import FolderArtifactStore
from millwright.storage.backends.artifacts.upload import FolderUploadStore
from millwright.storage.backends.online.lmdb import LmdbOnlineStore
from millwright.storage.backends.online.postgres import PostgresOnlineStore
from millwright.storage.backends.online.redis import RedisOnlineStore
from millwright.storage.backends.predictions.log import FolderPredictionStore
from millwright.storage.backends.sql.accounts import SqlAccountStore
from millwright.storage.backends.sql.assessments import SqlAssessmentStore
from millwright.storage.backends.sql.audit import SqlAuditStore
from millwright.storage.backends.sql.contracts import SqlContractStore
from millwright.storage.backends.sql.database import connect
from millwright.storage.backends.sql.datasets import SqlDatasetStore
from millwright.storage.backends.sql.deliveries import SqlDeliveryStore
from millwright.storage.backends.sql.endpoints import SqlEndpointStore
from millwright.storage.backends.sql.evaluations import SqlEvaluationStore
from millwright.storage.backends.sql.experiments import SqlExperimentStore
from millwright.storage.backends.sql.features import SqlFeatureDefinitionStore
from millwright.storage.backends.sql.files import SqlFileStore
from millwright.storage.backends.sql.leases import SqlLeaseStore
from millwright.storage.backends.sql.lineage import SqlLineageStore
from millwright.storage.backends.sql.logged_models import SqlLoggedModelStore
from millwright.storage.backends.sql.metrics import SqlMetricStore
from millwright.storage.backends.sql.model_search import SqlModelSearchStore
from millwright.storage.backends.sql.models import SqlModelStore
from millwright.storage.backends.sql.monitors import SqlMonitorStore
from millwright.storage.backends.sql.notifications import SqlNotificationStore
from millwright.storage.backends.sql.pipelines import SqlPipelineStore
from millwright.storage.backends.sql.queue import SqlRunQueueStore
from millwright.storage.backends.sql.revision import bring_up_to_date
from millwright.storage.backends.sql.rollouts import SqlRolloutStore
from millwright.storage.backends.sql.runs import SqlRunStore
from millwright.storage.backends.sql.schedules import SqlScheduleStore
from millwright.storage.backends.sql.snapshots import SqlSnapshotStore
from millwright.storage.backends.sql.spans import SqlSpanStore
from millwright.storage.backends.sql.summaries import SqlSummaryStore
from millwright.storage.backends.sql.trace_metrics import SqlTraceMetricStore
from millwright.storage.backends.sql.traces import SqlTraceStore
from millwright.storage.backends.sql.transactions import SqlTransactions
from millwright.storage.backends.sql.triggers import SqlTriggerStore
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
from millwright.storage.base.queue import RunQueueStore
from millwright.storage.base.rollouts import RolloutStore
from millwright.storage.base.schedules import ScheduleStore
from millwright.storage.base.summaries import SummaryStore
from millwright.storage.base.triggers import TriggerStore
from millwright.storage.folder import open_folder

if TYPE_CHECKING:
    from millwright.storage.base.online import OnlineStore

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """One store per record family, all of one workspace.

    Attributes:
        transactions: Makes several calls on the record stores (all but the last three) one change.
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
    on_close: Callable[[], None] = field(repr=False)

    def close(self) -> None:
        """Close the connections that are open; a store that is used again opens new ones."""
        self.on_close()


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
    database = connect(records_url)
    bring_up_to_date(database)
    artifacts = open_folder(artifacts_url)
    return Stores(
        transactions=SqlTransactions(database),
        experiments=SqlExperimentStore(database),
        runs=SqlRunStore(database),
        metrics=SqlMetricStore(database),
        datasets=SqlDatasetStore(database),
        pipelines=SqlPipelineStore(database),
        models=SqlModelStore(database),
        model_search=SqlModelSearchStore(database),
        audit=SqlAuditStore(database),
        lineage=SqlLineageStore(database),
        endpoints=SqlEndpointStore(database),
        monitors=SqlMonitorStore(database),
        notifications=SqlNotificationStore(database),
        files=SqlFileStore(database),
        logged_models=SqlLoggedModelStore(database),
        traces=SqlTraceStore(database),
        spans=SqlSpanStore(database),
        trace_metrics=SqlTraceMetricStore(database),
        assessments=SqlAssessmentStore(database),
        evaluations=SqlEvaluationStore(database),
        accounts=SqlAccountStore(database),
        deliveries=SqlDeliveryStore(database),
        leases=SqlLeaseStore(database),
        snapshots=SqlSnapshotStore(database),
        contracts=SqlContractStore(database),
        features=SqlFeatureDefinitionStore(database),
        queue=SqlRunQueueStore(database),
        schedules=SqlScheduleStore(database),
        triggers=SqlTriggerStore(database),
        rollouts=SqlRolloutStore(database),
        summaries=SqlSummaryStore(database),
        artifacts=FolderArtifactStore(artifacts),
        uploads=FolderUploadStore(artifacts),
        predictions=FolderPredictionStore(open_folder(predictions_url)),
        on_close=database.close,
    )


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
        return LmdbOnlineStore(rest if is_url else url)
    stripped, prefix = _without_prefix(url)
    if scheme in {"redis", "rediss", "unix"}:
        return RedisOnlineStore(stripped, prefix=prefix)
    if scheme in {"postgresql", "postgres"}:
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
