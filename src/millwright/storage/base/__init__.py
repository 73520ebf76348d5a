"""What a store of each record family must do; one abstract class per family, one conformance suite per class.

Promises that hold for every store unless its class says otherwise:

- **Thread-safe and process-safe.** Any number of threads and processes may call any method at once.
- **Durable.** When a writing method has returned (outside a transaction) or the transaction's context has been left
  without an error, the change survives `kill -9`.
- **Atomic.** A method's change is seen whole or not at all. Several calls, on any of the record stores, inside one
  `Transactions.transaction()` context are one change.
- **Snapshots.** A record that was returned never changes under the reader.
- **Errors.** `StorageError` when the store cannot be reached; other errors are named by each method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.on_demand import names_on_demand

if TYPE_CHECKING:
    from millwright.storage.base.accounts import AccountStore
    from millwright.storage.base.artifacts import ArtifactStore
    from millwright.storage.base.audit import AuditStore
    from millwright.storage.base.datasets import DatasetStore
    from millwright.storage.base.deliveries import DeliveryStore
    from millwright.storage.base.endpoints import EndpointStore
    from millwright.storage.base.evaluations import EvaluationStore
    from millwright.storage.base.experiments import ExperimentStore
    from millwright.storage.base.files import FileStore
    from millwright.storage.base.leases import LeaseStore
    from millwright.storage.base.lineage import LineageStore
    from millwright.storage.base.logged_models import LoggedModelStore
    from millwright.storage.base.metrics import MetricStore
    from millwright.storage.base.model_search import ModelSearchStore
    from millwright.storage.base.models import ModelStore
    from millwright.storage.base.monitors import MonitorStore
    from millwright.storage.base.pipelines import PipelineStore
    from millwright.storage.base.predictions import PredictionStore
    from millwright.storage.base.runs import RunStore
    from millwright.storage.base.snapshots import SnapshotStore
    from millwright.storage.base.spans import SpanStore
    from millwright.storage.base.trace_metrics import TraceMetricStore
    from millwright.storage.base.traces import TraceStore
    from millwright.storage.base.transactions import Transactions
    from millwright.storage.base.uploads import UploadStore

__all__ = [
    "AccountStore",
    "ArtifactStore",
    "AuditStore",
    "DatasetStore",
    "DeliveryStore",
    "EndpointStore",
    "EvaluationStore",
    "ExperimentStore",
    "FileStore",
    "LeaseStore",
    "LineageStore",
    "LoggedModelStore",
    "MetricStore",
    "ModelSearchStore",
    "ModelStore",
    "MonitorStore",
    "PipelineStore",
    "PredictionStore",
    "RunStore",
    "SnapshotStore",
    "SpanStore",
    "TraceMetricStore",
    "TraceStore",
    "Transactions",
    "UploadStore",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "AccountStore": "accounts",
        "ArtifactStore": "artifacts",
        "AuditStore": "audit",
        "DatasetStore": "datasets",
        "DeliveryStore": "deliveries",
        "EndpointStore": "endpoints",
        "EvaluationStore": "evaluations",
        "ExperimentStore": "experiments",
        "FileStore": "files",
        "LeaseStore": "leases",
        "LineageStore": "lineage",
        "LoggedModelStore": "logged_models",
        "MetricStore": "metrics",
        "ModelSearchStore": "model_search",
        "ModelStore": "models",
        "MonitorStore": "monitors",
        "PipelineStore": "pipelines",
        "PredictionStore": "predictions",
        "RunStore": "runs",
        "SnapshotStore": "snapshots",
        "SpanStore": "spans",
        "TraceMetricStore": "trace_metrics",
        "TraceStore": "traces",
        "Transactions": "transactions",
        "UploadStore": "uploads",
    },
)
