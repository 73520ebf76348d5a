"""What a contract demands, without how it is written: what its digest is of."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from millwright.core.digest import digest_json
from millwright.data.contracts.column import EXPECTATIONS
from millwright.data.contracts.duration import write_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.ids import Digest
    from millwright.data.contracts.column import Bound, ColumnContract
    from millwright.data.contracts.contract import Contract
    from millwright.data.contracts.table_expectation import Distribution


def contract_digest(contract: Contract) -> Digest:
    """The same for contracts that demand the same: order, descriptions, messages and comments don't count."""
    return digest_json(contract_terms(contract))


def contract_terms(contract: Contract) -> dict[str, Any]:
    """A contract as JSON values that are equal for contracts that demand the same."""
    key, volume = contract.key, contract.volume
    return {
        "name": contract.name,
        "columns": {column.name: column_terms(column) for column in contract.columns},
        "key": None if key is None else [sorted(key.columns), key.keep.value, key.severity.value],
        "rules": {rule.name: [" ".join(rule.expression.split()), rule.severity.value] for rule in contract.rules},
        "references": _sorted(
            [*sorted(zip(one.columns, one.targets, strict=True)), one.dataset, one.severity.value]
            for one in contract.references
        ),
        "freshness": _sorted(
            [one.column, write_duration(one.max_age), one.severity.value] for one in contract.freshness
        ),
        "volume": None
        if volume is None
        else [volume.min_rows, volume.max_rows, volume.max_change, volume.severity.value],
        "distributions": _sorted(_distribution(one) for one in contract.distributions),
        "extra": contract.extra.value,
        "max_quarantined": float(contract.max_quarantined),
        "min_rows": contract.min_rows,
    }


def column_terms(column: ColumnContract) -> dict[str, Any]:
    """A column's part of `contract_terms`."""
    return {
        "type": column.type.value,
        "required": column.required,
        "nullable": column.nullable,
        "unique": column.unique,
        "min": _bound(column.minimum),
        "max": _bound(column.maximum),
        "pattern": column.pattern,
        "allowed": _sorted(column.allowed),
        "formats": sorted(column.formats),
        "missing": sorted(column.missing),
        "indicator": column.indicator,
        "severity": {name: column.severity_of(name).value for name in EXPECTATIONS},
    }


def _distribution(one: Distribution) -> list[Any]:
    bounds = [None if bound is None else float(bound) for bound in (one.minimum, one.maximum, one.at)]
    return [one.column, one.measure.value, *bounds, _sorted(one.values), one.reference, one.severity.value]


def _bound(bound: Bound | None) -> Any:
    return bound.isoformat() if isinstance(bound, date) else bound


def _sorted(values: Iterable[Any]) -> list[Any]:
    """In an order that does not depend on how they were written; values need not be comparable."""
    return sorted(values, key=repr)
