from __future__ import annotations

import json
from datetime import date, timedelta
from importlib.resources import files

import jsonschema
import yaml

from millwright.core.ids import Digest
from millwright.core.records.contract import ContractRecord
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.odcs import API_VERSION, to_odcs
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume
from millwright.testing import sample

CONTRACT = Contract(
    name="phases",
    description="of buildings",
    columns=(
        ColumnContract(name="id", type=ColumnType.INTEGER, nullable=False, minimum=1, unique=True),
        ColumnContract(name="building", type=ColumnType.CATEGORY, allowed=("a", "b"), pattern="^[ab]"),
        ColumnContract(name="ended", type=ColumnType.DATE, minimum=date(2020, 1, 1), missing=("PNS",), description="x"),
        ColumnContract(name="at", type=ColumnType.DATETIME),
    ),
    key=Key(columns=("building", "id")),
    rules=(Rule(name="r", expression="id > 0", message="no id", severity=Severity.WARN),),
    references=(Reference(columns=("building",), dataset="buildings@golden", to=("code",)),),
    freshness=(Freshness(column="at", max_age=timedelta(days=2)),),
    volume=Volume(min_rows=5, max_rows=9, max_change=0.2),
    distributions=(Distribution(column="id", measure=Measure.MEAN, maximum=5),),
)
RECORD = ContractRecord(
    name="phases",
    version=3,
    digest=Digest("0" * 64),
    document="",
    owner="site-team",
    breaking=(),
    created_at=sample.NOON,
    actor="ada",
)


def test_file_says_what_the_standard_asks_for() -> None:
    """Fields and words of ODCS 3.1; files were also held against its published JSON schema."""
    found = yaml.safe_load(to_odcs(CONTRACT, RECORD))
    assert {name: found[name] for name in ("apiVersion", "kind", "id", "version", "status", "team")} == {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": "phases",
        "version": "3",
        "status": "active",
        "team": {"name": "site-team"},
    }
    (table,) = found["schema"]
    assert [one["logicalType"] for one in table["properties"]] == ["integer", "string", "date", "timestamp"]
    number, building, ended, _ = table["properties"]
    assert (number["required"], number["unique"], number["logicalTypeOptions"]) == (True, True, {"minimum": 1})
    assert [(one.get("primaryKey"), one.get("primaryKeyPosition")) for one in (number, building, ended)] == [
        (True, 2),
        (True, 1),
        (None, None),
    ]
    assert building["quality"][0]["arguments"] == {"validValues": ["a", "b"]}
    assert ended["logicalTypeOptions"] == {"minimum": "2020-01-01"}
    assert table["relationships"] == [{"type": "foreignKey", "from": ["phases.building"], "to": ["buildings.code"]}]
    assert found["slaProperties"] == [{"property": "latency", "value": 48.0, "unit": "h", "element": "phases.at"}]
    assert [one.get("metric", one.get("name")) for one in table["quality"]] == [
        "rowCount",
        "rowCount",
        "rowCount",
        "volume",
        "duplicateValues",
        "r",
        "mean of id",
    ]
    assert {one["severity"] for one in table["quality"]} == {"critical", "error", "warning"}


def test_unpublished_contract_is_a_draft() -> None:
    found = yaml.safe_load(to_odcs(Contract(name="t", columns=CONTRACT.columns[3:])))
    assert (found["status"], found["version"]) == ("draft", "0")
    assert {"team", "slaProperties", "description"} & set(found) == set()


def test_file_passes_the_published_schema() -> None:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8"))
    for text in (to_odcs(CONTRACT, RECORD), to_odcs(CONTRACT)):
        jsonschema.validate(yaml.safe_load(text), schema)
