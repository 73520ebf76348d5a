"""Validates a dataset version, sets aside the rows that break its contract, and records which contract it holds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts.severity import Severity
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.quarantine.latest import write_latest

if TYPE_CHECKING:
    from millwright.core.ids import StepRunId
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.data.contracts.validation import Validation
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.storage.base import DatasetStore

SUFFIX = ".quarantine"


def quarantine_name(dataset: str) -> str:
    """Where the rows of a dataset go that break its contract."""
    return f"{dataset}{SUFFIX}"


def holds(result: Validation) -> bool:
    """Whether every row of a table holds, and the table as a whole is not refused."""
    return result.quarantined.is_empty() and all(one.severity is not Severity.STOP for one in result.findings)


def record_contract(store: DatasetStore, record: DatasetVersionRecord, result: Validation, ref: str | None) -> bool:
    """Record with a dataset version that its rows hold a published contract.

    Args:
        store: The records.
        record: The version.
        result: What was found in it.
        ref: The contract, as `name@2`; None for one that is not published.

    Returns:
        Whether it was recorded: not when rows were set aside, the table is refused, or nothing is published.
    """
    if ref is None or not holds(result):
        return False
    store.set_contract(record.dataset, record.version, ref)
    return True


def set_rows_aside(
    datasets: DatasetCatalog,
    result: Validation,
    record: DatasetVersionRecord,
    *,
    contract: str | None = None,
    step_run_id: StepRunId | None = None,
) -> Dataset | None:
    """Write the rows that were set aside as a version of the dataset's quarantine.

    Those of the dataset's newest version become the quarantine's newest. An older version that is validated again, as
    when a model is trained again from its record, gets the quarantine version that has its rows already.

    Args:
        datasets: Where to write.
        result: The outcome of the validation.
        record: The dataset version that was validated.
        contract: The contract, as `name@2` or as its file is called; for the record.
        step_run_id: The step run that does it.

    Returns:
        The version; None when there are no such rows.
    """
    if result.quarantined.is_empty():
        return None
    options = WriteOptions(
        source_uri=record.source_uri,
        source_digest=record.source_digest,
        step_run_id=step_run_id,
        derived_from=(record.ref,),
        details={"of": record.ref, "reasons": dict(result.reasons), "contract": contract},
    )
    name = quarantine_name(record.dataset)
    is_newest = datasets.get(record.dataset).record.version == record.version
    write = partial(write_latest, datasets) if is_newest else datasets.write
    return write(result.quarantined, name, kind=DatasetKind.QUARANTINE, options=options)
