from __future__ import annotations

from datetime import timedelta
from typing import Any

import jsonschema

from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, ExtraColumns, Key
from millwright.data.contracts.json_schema import DIALECT, to_json_schema
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Freshness

COLUMNS = (
    ColumnContract(name="id", type=ColumnType.INTEGER, nullable=False, minimum=1, description="number"),
    ColumnContract(name="at", type=ColumnType.DATETIME, required=False),
    ColumnContract(name="w", type=ColumnType.CATEGORY, allowed=("a", "b"), pattern="^[ab]$", indicator=True),
)
CONTRACT = Contract(
    name="t",
    columns=COLUMNS,
    extra=ExtraColumns.REFUSE,
    key=Key(columns=("id",)),
    rules=(Rule(name="r", expression="id > 0"),),
    freshness=(Freshness(column="at", max_age=timedelta(days=2)),),
    description="things",
)


def without_ours(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        key: without_ours(value) if isinstance(value, dict) else value
        for key, value in schema.items()
        if key != "x-millwright"
    }


def test_row_that_holds_is_described() -> None:
    assert without_ours(to_json_schema(CONTRACT)) == {
        "$schema": DIALECT,
        "title": "t",
        "description": "things",
        "type": "object",
        "properties": {
            "id": {"type": "integer", "description": "number", "minimum": 1},
            "at": {"type": ["string", "null"], "format": "date-time"},
            "w": {"type": ["string", "null"], "pattern": "^[ab]$", "enum": ["a", "b", None]},
            "w__code": {"type": ["string", "null"], "description": "The missing code that was found in w."},
        },
        "required": ["id", "w"],
        "additionalProperties": False,
    }


def test_what_json_schema_has_no_words_for_stands_beside_it() -> None:
    ours = to_json_schema(CONTRACT)["x-millwright"]
    assert ours["rules"] == {"r": ["id > 0", "quarantine"]}
    assert ours["key"] == [["id"], "first", "quarantine"]
    assert ours["freshness"] == [["at", "2d", "stop"]]


def test_what_is_only_warned_of_is_not_promised() -> None:
    column = ColumnContract(
        name="a", type=ColumnType.NUMBER, nullable=False, minimum=0, maximum=1, severity={"min": Severity.WARN}
    )
    found = to_json_schema(Contract(name="t", columns=(column,)))["properties"]["a"]
    assert without_ours(found) == {"type": "number", "maximum": 1}


def test_schema_is_one_that_validators_take() -> None:
    schema = to_json_schema(CONTRACT)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"id": 1, "at": None, "w": "a", "w__code": None})
    assert not validator.is_valid({"id": 0, "w": "a"})
    assert not validator.is_valid({"id": 1, "w": "c"})
