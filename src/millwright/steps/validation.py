"""Validate: rows that break the contract are set aside, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl

from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts.file import load_contract
from millwright.data.contracts.validation import validate as check
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.datasets.dataset import Dataset
from millwright.pipelines.annotations import External
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step

if TYPE_CHECKING:
    from millwright.data.contracts.validation import Validation


@step
def validate(ctx: StepContext, data: Dataset, contract: Annotated[str, External()]) -> pl.DataFrame:
    """Check a dataset version against a contract and parse its columns to the contract's types.

    Args:
        ctx: Given by the runner.
        data: The dataset version.
        contract: The contract's YAML file.

    Returns:
        The rows that hold, typed. The others become a version of the dataset `<name>.quarantine`.

    Raises:
        ContractViolationError: More rows broke the contract than it allows; the quarantine is written first.
    """
    loaded = load_contract(contract)
    result = check(data.read(), loaded)
    ctx.note(rows=data.record.rows, valid=result.valid.height, quarantined=result.quarantined.height)
    _quarantine(ctx, result, data)
    ctx.note(reasons=dict(sorted(result.reasons.items(), key=lambda item: -item[1])))
    result.refuse_if_too_many(loaded)
    return result.valid


def _quarantine(ctx: StepContext, result: Validation, data: Dataset) -> None:
    if result.quarantined.is_empty():
        return
    options = WriteOptions(
        source_uri=data.record.source_uri,
        source_digest=data.record.source_digest,
        step_run_id=ctx.step_run_id,
        derived_from=(data.record.ref,),
        details={"of": data.record.ref, "reasons": result.reasons},
    )
    written = ctx.service(DatasetCatalog).write(
        result.quarantined, f"{data.record.dataset}.quarantine", kind=DatasetKind.QUARANTINE, options=options
    )
    ctx.note(quarantine=written.record.ref)
