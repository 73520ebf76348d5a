"""A contract from its YAML text."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.column import NUMERIC, TEMPORAL, ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, ExtraColumns, Key, KeyPolicy
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.yaml_node import YamlNode, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.data.contracts.column import Bound

_Made = TypeVar("_Made")
_Member = TypeVar("_Member", bound=StrEnum)

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
)
_RULE_KEYS = ("name", "expression", "message")
_KEY_KEYS = ("columns", "keep")


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
            raise document.error(f"Expected the key '{needed}' in the contract.", "See `mw data contract` for a draft.")
    names = list(found["columns"].fields())
    columns = tuple(_column(name, node) for name, node in found["columns"].fields().items())
    rules = tuple(_rule(node) for node in found["rules"].items()) if "rules" in found else ()
    key = _key(found["key"], names) if "key" in found else None
    return _made(
        document,
        lambda: Contract(
            name=found["name"].text(),
            columns=columns,
            key=key,
            rules=rules,
            extra=_member(found.get("extra"), ExtraColumns, ExtraColumns.ALLOW),
            max_quarantined=float(found["max_quarantined"].number()) if "max_quarantined" in found else 0.1,
            min_rows=_whole(found["min_rows"]) if "min_rows" in found else 1,
            description=_text(found, "description"),
        ),
    )


def _column(name: str, node: YamlNode) -> ColumnContract:
    described = YamlNode(node.source, f"column '{name}'", node.node)
    if not described.is_mapping:  # `cost: number` is short for `cost: {type: number}`
        return ColumnContract(name=name, type=_member(described, ColumnType, None))
    found = described.fields(_COLUMN_KEYS)
    if "type" not in found:
        raise described.error(f"Expected the key 'type' in column '{name}'.", f"One of {', '.join(ColumnType)}.")
    kind = _member(found["type"], ColumnType, None)
    return _made(
        described,
        lambda: ColumnContract(
            name=name,
            type=kind,
            required=_flag(found, "required", default=True),
            nullable=_flag(found, "nullable", default=True),
            unique=_flag(found, "unique", default=False),
            minimum=_bound(found.get("min"), kind),
            maximum=_bound(found.get("max"), kind),
            pattern=_optional_text(found, "pattern"),
            allowed=_allowed(found.get("allowed"), kind),
            formats=_texts(found, "formats"),
            missing=_texts(found, "missing"),
            indicator=_flag(found, "indicator", default=False),
            description=_text(found, "description"),
        ),
    )


def _rule(node: YamlNode) -> Rule:
    described = YamlNode(node.source, "a rule", node.node)
    found = described.fields(_RULE_KEYS)
    for needed in ("name", "expression"):
        if needed not in found:
            raise described.error(f"Expected the key '{needed}' in a rule.", "Give each rule a name and an expression.")
    return _made(
        described,
        lambda: Rule(name=found["name"].text(), expression=found["expression"].text(), message=_text(found, "message")),
    )


def _key(node: YamlNode, columns: list[str]) -> Key | None:
    if node.is_nothing:
        return None
    keep = KeyPolicy.FIRST
    if node.is_mapping:
        found = YamlNode(node.source, "the key", node.node).fields(_KEY_KEYS)
        if "columns" not in found:
            raise node.error("Expected the key 'columns' in the key.", "Name the columns that identify a row.")
        keep = _member(found.get("keep"), KeyPolicy, KeyPolicy.FIRST)
        node = found["columns"]
    for item in node.items():
        if item.text() not in columns:
            raise item.error(
                f"The key names the column '{item.text()}', which the contract does not have.",
                closest(item.text(), columns),
            )
    return Key(columns=node.texts(), keep=keep)


def _made(node: YamlNode, make: Callable[[], _Made]) -> _Made:
    """What `make` gives; its complaint gets the place in the file, unless it has one."""
    try:
        return make()
    except InvalidInputError as error:
        if error.message.startswith(f"{node.source}, line "):
            raise
        raise node.error(error.message, error.hint) from error


def _member(node: YamlNode | None, kind: type[_Member], default: _Member | None) -> _Member:
    if node is None and default is not None:
        return default
    text = node.text() if node is not None else ""
    try:
        return kind(text)
    except ValueError:
        assert node is not None  # noqa: S101 - narrows the type: without a default there is a node
        raise node.error(
            f"Expected one of {', '.join(kind)} for {node.path}, found '{text}'.", closest(text, list(kind))
        ) from None


def _bound(node: YamlNode | None, kind: ColumnType) -> Bound | None:
    if node is None or node.is_nothing:
        return None
    if kind not in TEMPORAL:
        return node.number()
    text = node.text()
    try:
        return date.fromisoformat(text)
    except ValueError:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise node.error(f"Expected a date as YYYY-MM-DD for {node.path}, found '{text}'.") from None


def _allowed(node: YamlNode | None, kind: ColumnType) -> tuple[str | int | float, ...]:
    if node is None:
        return ()
    return tuple(item.number() for item in node.items()) if kind in NUMERIC else node.texts()


def _whole(node: YamlNode) -> int:
    number = node.number()
    if not isinstance(number, int):
        raise node.error(f"Expected a whole number for {node.path}, found '{node.text()}'.")
    return number


def _flag(found: Mapping[str, YamlNode], key: str, *, default: bool) -> bool:
    return found[key].flag() if key in found else default


def _texts(found: Mapping[str, YamlNode], key: str) -> tuple[str, ...]:
    return found[key].texts() if key in found else ()


def _text(found: Mapping[str, YamlNode], key: str) -> str:
    return found[key].text() if key in found else ""


def _optional_text(found: Mapping[str, YamlNode], key: str) -> str | None:
    return None if key not in found or found[key].is_nothing else found[key].text()
