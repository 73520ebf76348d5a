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

from millwright.storage.base.artifacts import ArtifactStore
from millwright.storage.base.audit import AuditStore
from millwright.storage.base.datasets import DatasetStore
from millwright.storage.base.endpoints import EndpointStore
from millwright.storage.base.leases import LeaseStore
from millwright.storage.base.lineage import LineageStore
from millwright.storage.base.models import ModelStore
from millwright.storage.base.monitors import MonitorStore
from millwright.storage.base.pipelines import PipelineStore
from millwright.storage.base.predictions import PredictionStore
from millwright.storage.base.runs import RunStore
from millwright.storage.base.transactions import Transactions

__all__ = [
    "ArtifactStore",
    "AuditStore",
    "DatasetStore",
    "EndpointStore",
    "LeaseStore",
    "LineageStore",
    "ModelStore",
    "MonitorStore",
    "PipelineStore",
    "PredictionStore",
    "RunStore",
    "Transactions",
]
