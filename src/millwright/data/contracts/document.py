"""A contract from its YAML text."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING

from millwright.data.contracts.column import EXPECTATIONS, NUMERIC, TEMPORAL, ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, ExtraColumns
from millwright.data.contracts.node_value import flag, made, member, optional_text, share, text_of, texts_of, whole
from millwright.data.contracts.relation_document import (
    parse_distribution,
    parse_freshness,
    parse_key,
    parse_reference,
    parse_rule,
    parse_volume,
)
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.yaml_node import YamlNode, read_yaml

if TYPE_CHECKING:
    from millwright.data.contracts.column import Bound

_CONTRACT_KEYS = tuple(field.name for field in fields(Contract))
_COLUMN_KEYS = (
    "type",
    "required",
    "nullable",
    "unique",
    "min",
    "max",
    "pattern",
    "allowed",
    "formats",
    "missing",
    "indicator",
    "description",
    "severity",
)
_MANY = ("rules", "references", "freshness", "distributions")


def parse_contract(text: str, *, source: str = "contract") -> Contract:
    r"""Read a contract.

    Args:
        text: YAML.
        source: The file's name, for messages.

    Raises:
        InvalidInputError: The text is no YAML or no contract. The message names the line, and the closest known key for
            an unknown one.

    Example:
        >>> parse_contract("name: costs\ncolumns: {id: string, cost: {type: number, min: 0}}").columns[1].minimum
        0
    """
    document = read_yaml(text, source=source, path="the contract")
    found = document.fields(_CONTRACT_KEYS)
    for needed in ("name", "columns"):
        if needed not in found:
            raise document.error(
                f"Expected the key '{needed}' in the contract.", "See `mw data contract infer` for a draft."
            )
    columns = tuple(_column(name, node) for name, node in found["columns"].fields().items())
    types = {column.name: column.type for column in columns}
    key = parse_key(found["key"], list(types)) if "key" in found else None
    many = {name: found[name].items() if name in found else [] for name in _MANY}
    return made(
        document,
        lambda: Contract(
            name=found["name"].text(),
            columns=columns,
            key=key,
            rules=tuple(map(parse_rule, many["rules"])),
            references=tuple(map(parse_reference, many["references"])),
            freshness=tuple(map(parse_freshness, many["freshness"])),
            volume=parse_volume(found["volume"]) if "volume" in found else None,
            distributions=tuple(parse_distribution(node, types) for node in many["distributions"]),
            extra=member(found.get("extra"), ExtraColumns, ExtraColumns.ALLOW),
            max_quarantined=share(found["max_quarantined"]) if "max_quarantined" in found else 0.1,
            min_rows=whole(found["min_rows"]) if "min_rows" in found else 1,
            description=text_of(found, "description"),
        ),
    )


def _column(name: str, node: YamlNode) -> ColumnContract:
    described = YamlNode(node.source, f"column '{name}'", node.node)
    if not described.is_mapping:  # `cost: number` is short for `cost: {type: number}`
        return ColumnContract(name=name, type=member(described, ColumnType, None))
    found = described.fields(_COLUMN_KEYS)
    if "type" not in found:
        raise described.error(f"Expected the key 'type' in column '{name}'.", f"One of {', '.join(ColumnType)}.")
    kind = member(found["type"], ColumnType, None)
    return made(
        described,
        lambda: ColumnContract(
            name=name,
            type=kind,
            required=flag(found, "required", default=True),
            nullable=flag(found, "nullable", default=True),
            unique=flag(found, "unique", default=False),
            minimum=_bound(found.get("min"), kind),
            maximum=_bound(found.get("max"), kind),
            pattern=optional_text(found, "pattern"),
            allowed=_allowed(found.get("allowed"), kind),
            formats=texts_of(found, "formats"),
            missing=texts_of(found, "missing"),
            indicator=flag(found, "indicator", default=False),
            description=text_of(found, "description"),
            severity=_severity(found.get("severity")),
        ),
    )


def _severity(node: YamlNode | None) -> Severity | dict[str, Severity]:
    """One for all expectations of a column, or one for some by name."""
    if node is None or not node.is_mapping:
        return member(node, Severity, Severity.QUARANTINE)
    return {name: member(one, Severity, None) for name, one in node.fields(EXPECTATIONS).items()}


def _bound(node: YamlNode | None, kind: ColumnType) -> Bound | None:
    if node is None or node.is_nothing:
        return None
    if kind not in TEMPORAL:
        return node.number()
    try:
        return parse_moment(node.text())
    except ValueError:
        raise node.error(f"Expected a date as YYYY-MM-DD for {node.path}, found '{node.text()}'.") from None


def parse_moment(text: str) -> date | datetime:
    """A day or a moment from ISO 8601.

    Raises:
        ValueError: The text is neither.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _allowed(node: YamlNode | None, kind: ColumnType) -> tuple[str | int | float, ...]:
    if node is None:
        return ()
    return tuple(item.number() for item in node.items()) if kind in NUMERIC else node.texts()
