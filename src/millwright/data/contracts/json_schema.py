"""A contract as JSON Schema: what a row that holds looks like as JSON.

Source: JSON Schema draft 2020-12 (json-schema.org). What it has no words for (bounds of dates, uniqueness, keys, rules,
references, what is true of a table) stands under `x-millwright`, which other programs pass over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.data.contracts.column import TEMPORAL, ColumnType
from millwright.data.contracts.contract import ExtraColumns
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.terms import column_terms, contract_terms

if TYPE_CHECKING:
    from millwright.data.contracts.column import ColumnContract
    from millwright.data.contracts.contract import Contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {
    ColumnType.STRING: "string",
    ColumnType.CATEGORY: "string",
    ColumnType.INTEGER: "integer",
    ColumnType.NUMBER: "number",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "string",
    ColumnType.DATETIME: "string",
}
_FORMATS = {ColumnType.DATE: "date", ColumnType.DATETIME: "date-time"}
_WITHIN = ("key", "rules", "references", "freshness", "volume", "distributions", "max_quarantined", "min_rows")


def to_json_schema(contract: Contract) -> dict[str, Any]:
    """The schema of one row, in the contract's types: dates and times as ISO 8601 text, missing values as null.

    What is only warned of is left out, since rows that break it pass. Patterns are Rust's; the common ones mean the
    same in the dialect of JSON Schema (ECMA 262).
    """
    properties = {column.name: _property(column) for column in contract.columns}
    for column in contract.columns:
        if column.indicator:
            description = f"The missing code that was found in {column.name}."
            properties[column.code_column] = {"type": ["string", "null"], "description": description}
    terms = contract_terms(contract)
    return {
        "$schema": DIALECT,
        "title": contract.name,
        **({"description": contract.description} if contract.description else {}),
        "type": "object",
        "properties": properties,
        "required": [column.name for column in contract.columns if column.required],
        "additionalProperties": contract.extra is ExtraColumns.ALLOW,
        "x-millwright": {name: terms[name] for name in _WITHIN},
    }


def _property(column: ColumnContract) -> dict[str, Any]:
    def holds(expectation: str) -> bool:
        return column.severity_of(expectation) is not Severity.WARN

    kind = _TYPES[column.type]
    nullable = column.nullable or not (holds("nullable") and holds("type"))
    found: dict[str, Any] = {"type": [kind, "null"] if nullable else kind}
    if column.description:
        found["description"] = column.description
    if column.type in _FORMATS:
        found["format"] = _FORMATS[column.type]
    if column.type not in TEMPORAL:
        if column.minimum is not None and holds("min"):
            found["minimum"] = column.minimum
        if column.maximum is not None and holds("max"):
            found["maximum"] = column.maximum
    if column.pattern is not None and holds("pattern"):
        found["pattern"] = column.pattern
    if column.allowed and holds("allowed"):
        found["enum"] = [*column.allowed, *([None] if nullable else [])]
    found["x-millwright"] = column_terms(column)
    return found
