"""Opens the stores that URLs name. The only module that knows the back-ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from millwright.storage.backends.artifacts.blob import FolderArtifactStore
from millwright.storage.backends.predictions.log import FolderPredictionStore
from millwright.storage.backends.sql.audit import SqlAuditStore
from millwright.storage.backends.sql.database import connect
from millwright.storage.backends.sql.datasets import SqlDatasetStore
from millwright.storage.backends.sql.endpoints import SqlEndpointStore
from millwright.storage.backends.sql.leases import SqlLeaseStore
from millwright.storage.backends.sql.lineage import SqlLineageStore
from millwright.storage.backends.sql.models import SqlModelStore
from millwright.storage.backends.sql.monitors import SqlMonitorStore
from millwright.storage.backends.sql.pipelines import SqlPipelineStore
from millwright.storage.backends.sql.revision import bring_up_to_date
from millwright.storage.backends.sql.runs import SqlRunStore
from millwright.storage.backends.sql.transactions import SqlTransactions
from millwright.storage.base import (
    ArtifactStore,
    AuditStore,
    DatasetStore,
    EndpointStore,
    LeaseStore,
    LineageStore,
    ModelStore,
    MonitorStore,
    PipelineStore,
    PredictionStore,
    RunStore,
    Transactions,
)
from millwright.storage.folder import open_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """One store per record family, all of one workspace.

    Attributes:
        transactions: Makes several calls on the record stores (all but the last two) one change.
    """

    transactions: Transactions
    runs: RunStore
    datasets: DatasetStore
    pipelines: PipelineStore
    models: ModelStore
    audit: AuditStore
    lineage: LineageStore
    endpoints: EndpointStore
    monitors: MonitorStore
    leases: LeaseStore
    artifacts: ArtifactStore
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
    return Stores(
        transactions=SqlTransactions(database),
        runs=SqlRunStore(database),
        datasets=SqlDatasetStore(database),
        pipelines=SqlPipelineStore(database),
        models=SqlModelStore(database),
        audit=SqlAuditStore(database),
        lineage=SqlLineageStore(database),
        endpoints=SqlEndpointStore(database),
        monitors=SqlMonitorStore(database),
        leases=SqlLeaseStore(database),
        artifacts=FolderArtifactStore(open_folder(artifacts_url)),
        predictions=FolderPredictionStore(open_folder(predictions_url)),
        on_close=database.close,
    )
