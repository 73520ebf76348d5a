"""A contract as an Open Data Contract Standard file, and back.

Source: ODCS v3.1.0 (bitol-io.github.io/open-data-contract-standard). Files say what the standard has words for; the
contract itself stands beside it as a custom property, so that a file of ours comes back as it was.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from millwright.data.contracts.column import TEMPORAL, ColumnContract, ColumnType
from millwright.data.contracts.odcs_quality import column_quality, table_quality
from millwright.data.contracts.rendering import dump_contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.core.records.contract import ContractRecord
    from millwright.data.contracts.contract import Contract

API_VERSION = "v3.1.0"
OWN_PROPERTY = "millwrightContract"
LOGICAL_TYPES: Mapping[ColumnType, str] = {
    ColumnType.STRING: "string",
    ColumnType.CATEGORY: "string",
    ColumnType.INTEGER: "integer",
    ColumnType.NUMBER: "number",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "timestamp",
}
_REFERENCE = re.compile(
    r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)+"
)  # the standard's shorthand: table.column
_PHYSICAL_TYPES = {
    ColumnType.STRING: "String",
    ColumnType.CATEGORY: "String",
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "Float64",
    ColumnType.BOOLEAN: "Boolean",
    ColumnType.DATE: "Date",
    ColumnType.DATETIME: "Datetime",
}


def to_odcs(contract: Contract, record: ContractRecord | None = None) -> str:
    """The contract as YAML of the standard.

    Args:
        contract: What to write.
        record: Its published version, for the number and the owner; an unpublished one is a draft.
    """
    document = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": contract.name,
        "name": contract.name,
        "version": str(record.version) if record else "0",
        "status": "active" if record else "draft",
        **({"description": {"purpose": contract.description}} if contract.description else {}),
        **({"team": {"name": record.owner}} if record and record.owner else {}),
        "schema": [_table(contract)],
        **_service_levels(contract),
        "customProperties": [{"property": OWN_PROPERTY, "value": _bare(dump_contract(contract))}],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _table(contract: Contract) -> dict[str, Any]:
    relationships = list(_relationships(contract))
    quality = list(table_quality(contract))
    return {
        "name": contract.name,
        "physicalName": contract.name,
        "logicalType": "object",
        "physicalType": "table",
        **({"description": contract.description} if contract.description else {}),
        "properties": [_property(contract, column) for column in contract.columns],
        **({"relationships": relationships} if relationships else {}),
        **({"quality": quality} if quality else {}),
    }


def _relationships(contract: Contract) -> Iterator[dict[str, Any]]:
    """Foreign keys, as far as the standard's references can name them."""
    for reference in contract.references:
        here = [f"{contract.name}.{name}" for name in reference.columns]
        there = [f"{reference.dataset.partition('@')[0]}.{name}" for name in reference.targets]
        if all(_REFERENCE.fullmatch(name) for name in (*here, *there)):
            yield {"type": "foreignKey", "from": here, "to": there}


def _property(contract: Contract, column: ColumnContract) -> dict[str, Any]:
    key = contract.key.columns if contract.key else ()
    options = dict(_options(column))
    quality = list(column_quality(column))
    return {
        "name": column.name,
        "logicalType": LOGICAL_TYPES[column.type],
        "physicalType": _PHYSICAL_TYPES[column.type],
        **({"description": column.description} if column.description else {}),
        "required": not column.nullable,
        "unique": column.unique,
        **({"primaryKey": True, "primaryKeyPosition": key.index(column.name) + 1} if column.name in key else {}),
        **({"logicalTypeOptions": options} if options else {}),
        **({"quality": quality} if quality else {}),
    }


def _options(column: ColumnContract) -> Iterator[tuple[str, Any]]:
    for name, bound in (("minimum", column.minimum), ("maximum", column.maximum)):
        if bound is not None:
            yield name, _text(bound) if column.type in TEMPORAL else bound
    if column.pattern is not None:
        yield "pattern", column.pattern


def _service_levels(contract: Contract) -> dict[str, Any]:
    """Freshness, which the standard calls latency."""
    levels = [
        {
            "property": "latency",
            "value": one.max_age / timedelta(hours=1),
            "unit": "h",
            "element": f"{contract.name}.{one.column}",
        }
        for one in contract.freshness
    ]
    return {"slaProperties": levels} if levels else {}


def _text(bound: Any) -> str:
    return bound.isoformat() if isinstance(bound, (date, datetime)) else json.dumps(bound)


def _bare(document: str) -> str:
    """A contract's YAML without the comments on what could be changed."""
    lines = [line for line in document.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return "\n".join(lines) + "\n"
