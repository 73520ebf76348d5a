"""The quality rules of an Open Data Contract Standard file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.data.contracts.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.contracts.column import ColumnContract
    from millwright.data.contracts.contract import Contract

ENGINE = "millwright"
_SEVERITIES = {Severity.WARN: "warning", Severity.QUARANTINE: "error", Severity.STOP: "critical"}


def column_quality(column: ColumnContract) -> Iterator[dict[str, Any]]:
    """The rules of one column, as far as they are not options of its type."""
    if not column.nullable:
        yield _library("nullValues", column.severity_of("nullable"), "completeness", mustBe=0)
    if column.unique:
        yield _library("duplicateValues", column.severity_of("unique"), "uniqueness", mustBe=0)
    if column.allowed:
        arguments = {"validValues": list(column.allowed)}
        yield _library("invalidValues", column.severity_of("allowed"), "conformity", arguments=arguments, mustBe=0)
    if column.missing:
        arguments = {"missingValues": list(column.missing)}
        yield _library("missingValues", Severity.WARN, "completeness", arguments=arguments, mustBeGreaterOrEqualTo=0)


def table_quality(contract: Contract) -> Iterator[dict[str, Any]]:
    """The rules of the table."""
    rows: dict[str, Any] = {"mustBeGreaterOrEqualTo": contract.min_rows}
    volume = contract.volume
    if contract.min_rows:
        yield _library("rowCount", Severity.STOP, "completeness", **rows)
    if volume is not None and volume.min_rows is not None:
        yield _library("rowCount", volume.severity, "completeness", mustBeGreaterOrEqualTo=volume.min_rows)
    if volume is not None and volume.max_rows is not None:
        yield _library("rowCount", volume.severity, "completeness", mustBeLessOrEqualTo=volume.max_rows)
    if volume is not None and volume.max_change is not None:
        yield _custom("volume", volume.severity, f"max_change: {volume.max_change}", "consistency")
    if contract.key is not None:
        arguments = {"properties": list(contract.key.columns)}
        yield _library("duplicateValues", contract.key.severity, "uniqueness", arguments=arguments, mustBe=0)
    for rule in contract.rules:
        found = _custom(rule.name, rule.severity, rule.expression, "consistency")
        yield {**found, **({"description": rule.message} if rule.message else {})}
    for one in contract.distributions:
        bounds = f"{one.what}, min: {one.minimum}, max: {one.maximum}"
        yield _custom(one.what, one.severity, bounds, "accuracy")


def _library(metric: str, severity: Severity, dimension: str, **parts: Any) -> dict[str, Any]:
    return {
        "type": "library",
        "metric": metric,
        "dimension": dimension,
        "severity": _SEVERITIES[severity],
        "unit": "rows",
        **parts,
    }


def _custom(name: str, severity: Severity, implementation: str, dimension: str) -> dict[str, Any]:
    return {
        "type": "custom",
        "name": name,
        "dimension": dimension,
        "severity": _SEVERITIES[severity],
        "engine": ENGINE,
        "implementation": implementation,
    }
