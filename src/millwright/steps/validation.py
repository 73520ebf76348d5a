"""Validate: rows that break the contract are set aside, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.catalog import ContractCatalog
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.validation import validate as check
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.datasets.dataset import Dataset
from millwright.data.quarantine.checked import record_contract, set_rows_aside
from millwright.data.quarantine.context import context_of
from millwright.pipelines.annotations import External
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.storage.catalog import Stores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.contract import ContractRecord
    from millwright.data.contracts.contract import Contract


def _opened(ctx: StepContext, contract: str | None, published: str) -> tuple[Contract, ContractRecord | None]:
    if (contract is None) is not bool(published):
        raise InvalidInputError(
            f"Expected a contract's file or a published contract, found {contract!r} and {published!r}.",
            hint='Write contract="contract.yaml" or published="schedules@2".',
        )
    catalog = ContractCatalog(stores=ctx.service(Stores), clock=ctx.clock, actor=ctx.pipeline)
    if contract is not None:
        return catalog.open(contract)
    if "@" not in published:
        raise InvalidInputError(
            f"Expected a certain version of the contract, found '{published}'.",
            hint=f"The latest is {catalog.get(published).ref}; naming it lets runs be repeated.",
        )
    return catalog.open(published)


def _state(ctx: StepContext, params: Mapping[str, Any]) -> str:
    """What a contract looks at beside the table: the hour when it asks for freshness, other datasets' versions."""
    given = params.get("contract")
    # As the runner finds it: in the project's folder first.
    here = ctx.project_dir / str(given)
    loaded, _ = _opened(ctx, str(here) if given is not None and here.exists() else given, params.get("published", ""))
    moment = ctx.clock.now().strftime("%Y-%m-%dT%H") if loaded.freshness else ""
    named = {reference.dataset for reference in loaded.references}
    named |= {distribution.reference for distribution in loaded.distributions if distribution.reference}
    datasets = ctx.service(DatasetCatalog)
    return " ".join([moment, *(datasets.get(name).record.ref for name in sorted(named))])


@step(state=_state)
def validate(
    ctx: StepContext, data: Dataset, contract: Annotated[str | None, External()] = None, published: str = ""
) -> pl.DataFrame:
    """Check a dataset version against a contract and parse its columns to the contract's types.

    When every row holds and the contract is published, the version records that it holds it. An unchanged table is not
    validated again, unless the contract asks for freshness (then every hour) or another dataset that it looks into has
    a new version.

    Args:
        ctx: Given by the runner.
        data: The dataset version.
        contract: The contract's YAML or Python file.
        published: In its place, a published contract such as `schedules@2`.

    Returns:
        The rows that hold, typed. The others become a version of the dataset `<name>.quarantine`.

    Raises:
        ContractViolationError: Something is broken whose severity is `stop`, or more rows broke the contract than it
            allows; the quarantine is written first.
    """
    loaded, record = _opened(ctx, contract, published)
    datasets = ctx.service(DatasetCatalog)
    result = check(data.read(), loaded, context_of(datasets, data.record, now=ctx.clock.now()))
    ctx.note(rows=data.record.rows, valid=result.valid.height, quarantined=result.quarantined.height)
    ref = record.ref if record else None
    written = set_rows_aside(datasets, result, data.record, contract=ref or loaded.name, step_run_id=ctx.step_run_id)
    if written is not None:
        ctx.note(quarantine=written.record.ref)
    ctx.note(reasons=dict(sorted(result.reasons.items(), key=lambda item: -item[1])))
    others = [str(finding) for finding in result.findings if finding.severity is not Severity.QUARANTINE]
    if others:
        ctx.note(findings=others)
    if result.unjudged:
        ctx.note(unjudged=[str(one) for one in result.unjudged])
    result.refuse_if_too_many(loaded)
    if record_contract(ctx.service(Stores).datasets, data.record, result, ref):
        ctx.note(holds=ref)
    return result.valid
