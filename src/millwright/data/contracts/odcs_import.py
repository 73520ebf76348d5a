"""A contract from an Open Data Contract Standard file.

A file that Millwright wrote gives the contract that it was written from. From others, what both have words for is
taken: names, types, what is required, unique or a key, bounds, patterns, valid and missing values, row counts, foreign
keys, latency. What they say beyond that is named, never dropped silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import yaml

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import NUMERIC, TEMPORAL, TEXTUAL, ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.document import parse_contract, parse_moment
from millwright.data.contracts.odcs import OWN_PROPERTY
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.table_expectation import Freshness, Volume

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TYPES = {
    "string": ColumnType.STRING,
    "integer": ColumnType.INTEGER,
    "number": ColumnType.NUMBER,
    "boolean": ColumnType.BOOLEAN,
    "date": ColumnType.DATE,
    "timestamp": ColumnType.DATETIME,
}
_UNITS_H = {"d": 24, "day": 24, "days": 24, "h": 1, "hr": 1, "hour": 1, "hours": 1, "m": 1 / 60, "min": 1 / 60}
_COUNT = {"mustBeGreaterOrEqualTo": "min_rows", "mustBeLessOrEqualTo": "max_rows"}


@dataclass(frozen=True, slots=True)
class Imported:
    """A contract from a file of another program.

    Attributes:
        contract: The contract.
        left_out: What the file says that the contract does not, for people.
    """

    contract: Contract
    left_out: tuple[str, ...] = ()


def from_odcs(text: str, *, source: str = "contract") -> Imported:
    """Read a file of the standard, version 3.

    Args:
        text: YAML with one table in its schema.
        source: The file's name, for messages.

    Raises:
        InvalidInputError: It is no such file, or has no or several tables.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInputError(f"{source}: not readable as YAML: {' '.join(str(error).split())[:200]}.") from error
    version = document.get("apiVersion", "") if isinstance(document, Mapping) else ""
    if not str(version).startswith("v3."):
        raise InvalidInputError(
            f"{source}: expected a contract of the Open Data Contract Standard v3, found apiVersion '{version}'.",
            hint="Is it another kind of file?",
        )
    for one in document.get("customProperties") or ():
        if one.get("property") == OWN_PROPERTY:
            return Imported(parse_contract(str(one["value"]), source=source))
    tables = document.get("schema") or []
    if len(tables) != 1:
        raise InvalidInputError(
            f"{source}: expected one table in the schema, found {len(tables)}.", hint="Write one contract per table."
        )
    left: list[str] = []
    contract = _contract(document, tables[0], left, source)
    return Imported(contract, tuple(left))


def _contract(document: Mapping[str, Any], table: Mapping[str, Any], left: list[str], source: str) -> Contract:
    columns = tuple(_column(one, left, source) for one in table.get("properties") or ())
    keyed = sorted(
        (one.get("primaryKeyPosition", 0), one["name"]) for one in table["properties"] if one.get("primaryKey")
    )
    volume = dict(_volume(table.get("quality") or (), left))
    return Contract(
        name=str(table["name"]),
        columns=columns,
        key=Key(columns=tuple(name for _, name in keyed)) if keyed else None,
        references=tuple(_references(table)),
        freshness=tuple(_freshness(document, columns, left)),
        volume=Volume(min_rows=volume.get("min_rows"), max_rows=volume.get("max_rows")) if volume else None,
        description=str(table.get("description") or ""),
    )


def _column(one: Mapping[str, Any], left: list[str], source: str) -> ColumnContract:
    name, logical = str(one["name"]), one.get("logicalType", "string")
    if logical not in _TYPES:
        raise InvalidInputError(
            f"{source}: expected the column '{name}' to be of type {', '.join(_TYPES)}, found {logical}.",
            hint="Lists and records have no contract here; take the column out.",
        )
    kind = _TYPES[logical]
    options = dict(one.get("logicalTypeOptions") or {})
    bounds = {key: _bound(options.pop(key, None), kind) for key in ("minimum", "maximum")}
    pattern = options.pop("pattern", None)
    values = dict(_values(name, one.get("quality") or (), left))
    left += [f"{name}: {key} {value}" for key, value in options.items()]
    return ColumnContract(
        name=name,
        type=kind,
        nullable=not one.get("required", False),
        unique=bool(one.get("unique", False)),
        **bounds,
        pattern=pattern if kind in TEXTUAL else None,
        allowed=tuple(values.get("validValues", ())) if kind in TEXTUAL | NUMERIC else (),
        missing=tuple(map(str, values.get("missingValues", ()))),
        description=str(one.get("description") or ""),
    )


def _bound(value: Any, kind: ColumnType) -> Any:
    if value is None or kind not in TEMPORAL:
        return value
    return parse_moment(str(value))


def _values(name: str, quality: Sequence[Mapping[str, Any]], left: list[str]) -> Iterator[tuple[str, Any]]:
    for one in quality:
        found = {key: one.get("arguments", {}).get(key) for key in ("validValues", "missingValues")}
        if any(found.values()):
            yield from ((key, value) for key, value in found.items() if value)
        elif one.get("metric") not in {"nullValues", "duplicateValues"} or one.get("mustBe") != 0:
            left.append(f"{name}: {one.get('name') or one.get('metric') or one.get('type')}")


def _volume(quality: Sequence[Mapping[str, Any]], left: list[str]) -> Iterator[tuple[str, int]]:
    for one in quality:
        bounds = [(_COUNT[key], int(one[key])) for key in _COUNT if key in one]
        if one.get("metric") == "rowCount" and bounds:
            yield from bounds
        elif one.get("metric") != "duplicateValues":
            left.append(f"the table: {one.get('name') or one.get('metric') or one.get('type')}")


def _references(table: Mapping[str, Any]) -> Iterator[Reference]:
    pairs = [(one.get("from"), one.get("to")) for one in table.get("relationships") or ()]
    pairs += [(one["name"], each.get("to")) for one in table["properties"] for each in one.get("relationships") or ()]
    for here, there in pairs:
        columns, targets = ([each] if isinstance(each, str) else list(each or ()) for each in (here, there))
        yield Reference(
            columns=tuple(name.rpartition(".")[2] for name in columns),
            dataset=targets[0].rpartition(".")[0] if targets else "",
            to=tuple(name.rpartition(".")[2] for name in targets),
        )


def _freshness(document: Mapping[str, Any], columns: Sequence[ColumnContract], left: list[str]) -> Iterator[Freshness]:
    times = {column.name for column in columns if column.type in TEMPORAL}
    for one in document.get("slaProperties") or ():
        column = str(one.get("element", "")).rpartition(".")[2]
        unit = str(one.get("unit", "h"))
        if one.get("property") in {"latency", "freshness"} and column in times and unit in _UNITS_H:
            yield Freshness(column=column, max_age=timedelta(hours=float(one["value"]) * _UNITS_H[unit]))
        else:
            left.append(f"service level {one.get('property')}")
