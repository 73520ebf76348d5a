"""The parts of a contract file beside its columns: key, rules, references, freshness, volume, distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import closest
from millwright.data.contracts.column import NUMERIC
from millwright.data.contracts.contract import Key, KeyPolicy
from millwright.data.contracts.node_value import made, member, required, share, span, text_of, texts_of, whole
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume
from millwright.data.contracts.yaml_node import YamlNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.data.contracts.column import ColumnType

_KEY_KEYS = ("columns", "keep", "severity")
_RULE_KEYS = ("name", "expression", "message", "severity")
_REFERENCE_KEYS = ("columns", "dataset", "to", "severity")
_FRESHNESS_KEYS = ("column", "max_age", "severity")
_VOLUME_KEYS = ("min_rows", "max_rows", "max_change", "severity")
_DISTRIBUTION_KEYS = ("column", "measure", "min", "max", "at", "values", "reference", "severity")


def parse_key(node: YamlNode, columns: list[str]) -> Key | None:
    """The key; None when it is left empty."""
    if node.is_nothing:
        return None
    found: Mapping[str, YamlNode] = {}
    if node.is_mapping:
        found = YamlNode(node.source, "the key", node.node).fields(_KEY_KEYS)
        if "columns" not in found:
            raise node.error("Expected the key 'columns' in the key.", "Name the columns that identify a row.")
        node = found["columns"]
    for item in node.items():
        if item.text() not in columns:
            raise item.error(
                f"The key names the column '{item.text()}', which the contract does not have.",
                closest(item.text(), columns),
            )
    keep = member(found.get("keep"), KeyPolicy, KeyPolicy.FIRST)
    return Key(columns=node.texts(), keep=keep, severity=_severity(found, Severity.QUARANTINE))


def parse_rule(node: YamlNode) -> Rule:
    """One of the rules."""
    described = YamlNode(node.source, "a rule", node.node)
    found = described.fields(_RULE_KEYS)
    for needed in ("name", "expression"):
        if needed not in found:
            raise described.error(f"Expected the key '{needed}' in a rule.", "Give each rule a name and an expression.")
    return made(
        described,
        lambda: Rule(
            name=found["name"].text(),
            expression=found["expression"].text(),
            message=text_of(found, "message"),
            severity=_severity(found, Severity.QUARANTINE),
        ),
    )


def parse_reference(node: YamlNode) -> Reference:
    """One of the references."""
    described = YamlNode(node.source, "a reference", node.node)
    found = described.fields(_REFERENCE_KEYS)
    required(described, found, "a reference", "columns", "dataset")
    return made(
        described,
        lambda: Reference(
            columns=found["columns"].texts(),
            dataset=found["dataset"].text(),
            to=texts_of(found, "to"),
            severity=_severity(found, Severity.QUARANTINE),
        ),
    )


def parse_freshness(node: YamlNode) -> Freshness:
    """One of the expectations of freshness."""
    described = YamlNode(node.source, "a freshness", node.node)
    found = described.fields(_FRESHNESS_KEYS)
    required(described, found, "a freshness", "column", "max_age")
    return made(
        described,
        lambda: Freshness(
            column=found["column"].text(), max_age=span(found["max_age"]), severity=_severity(found, Severity.STOP)
        ),
    )


def parse_volume(node: YamlNode) -> Volume | None:
    """The volume; None when it is left empty."""
    if node.is_nothing:
        return None
    described = YamlNode(node.source, "the volume", node.node)
    found = described.fields(_VOLUME_KEYS)
    return made(
        described,
        lambda: Volume(
            min_rows=whole(found["min_rows"]) if "min_rows" in found else None,
            max_rows=whole(found["max_rows"]) if "max_rows" in found else None,
            max_change=share(found["max_change"]) if "max_change" in found else None,
            severity=_severity(found, Severity.STOP),
        ),
    )


def parse_distribution(node: YamlNode, types: Mapping[str, ColumnType]) -> Distribution:
    """One of the expectations of how values are spread.

    Args:
        node: The mapping.
        types: Of the contract's columns; values of a column of numbers are numbers.
    """
    described = YamlNode(node.source, "a distribution", node.node)
    found = described.fields(_DISTRIBUTION_KEYS)
    required(described, found, "a distribution", "column", "measure")
    numbers = types.get(found["column"].text()) in NUMERIC
    values = found["values"].items() if "values" in found else []
    return made(
        described,
        lambda: Distribution(
            column=found["column"].text(),
            measure=member(found["measure"], Measure, None),
            minimum=share(found["min"]) if "min" in found else None,
            maximum=share(found["max"]) if "max" in found else None,
            at=share(found["at"]) if "at" in found else None,
            values=tuple(item.number() if numbers else item.text() for item in values),
            reference=text_of(found, "reference"),
            severity=_severity(found, Severity.STOP),
        ),
    )


def _severity(found: Mapping[str, YamlNode], default: Severity) -> Severity:
    return member(found.get("severity"), Severity, default)
