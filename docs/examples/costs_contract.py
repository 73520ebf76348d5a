"""A contract in Python, judged, published, changed; rows set aside, repaired and replayed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from millwright.core.errors import ConflictError
from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts import (
    ColumnContract,
    ColumnType,
    Contract,
    Distribution,
    Freshness,
    Key,
    Measure,
    Reference,
    Rule,
    Severity,
    Volume,
    dump_contract,
    parse_contract,
    validate,
)
from millwright.data.contracts.lazy_validation import validate_lazy
from millwright.data.contracts.row_check import row_checks
from millwright.data.quarantine.checked import set_rows_aside
from millwright.data.quarantine.context import context_of
from millwright.data.quarantine.repair import by_expressions
from millwright.workspace.workspace import Workspace

# --8<-- [start:contract]
costs = Contract(
    name="costs",
    columns=(
        ColumnContract(name="id", type=ColumnType.INTEGER, nullable=False),
        ColumnContract(name="building", type=ColumnType.CATEGORY),
        ColumnContract(name="booked", type=ColumnType.DATE, formats=("M/D/YYYY",)),
        ColumnContract(
            name="cost",
            type=ColumnType.NUMBER,
            minimum=0,
            maximum=1_000_000,
            severity={"max": Severity.WARN},
        ),
    ),
    key=Key(columns=("id",)),
    rules=(
        Rule(name="booked in order", expression="booked >= LAG(booked) OVER (PARTITION BY building ORDER BY id)"),
        Rule(name="something was spent", expression="SUM(cost) > 0", severity=Severity.WARN),
    ),
    references=(Reference(columns=("building",), dataset="buildings", to=("code",)),),
    freshness=(Freshness(column="booked", max_age=timedelta(days=20_000), severity=Severity.WARN),),
    volume=Volume(max_rows=100_000, max_change=0.5),
    distributions=(Distribution(column="cost", measure=Measure.NULLS, maximum=0.2),),
    max_quarantined=0.5,
)
assert parse_contract(dump_contract(costs)) == costs
# --8<-- [end:contract]

raw = pl.DataFrame(
    {
        "id": ["1", "2", "3", "4", "4"],
        "building": ["K1", "K1", "K2", "K9", "K2"],
        "booked": ["1/5/2026", "2/1/2026", "2/2/2026", "2/3/2026", "2/4/2026"],
        "cost": ["100", "2,500", "3000000", "50", "70"],
    }
)

with Workspace.open() as workspace:
    # --8<-- [start:validate]
    buildings = pl.DataFrame({"code": ["K1", "K2"]})
    workspace.datasets.write(buildings, "buildings", kind=DatasetKind.TABLE)
    data = workspace.datasets.write(raw, "costs", kind=DatasetKind.SOURCE)

    context = context_of(workspace.datasets, data.record, now=workspace.clock.now())
    result = validate(data.read(), costs, context)
    for finding in result.findings:
        print(finding.severity, finding)
    print(result.valid["id"].to_list(), result.quarantined["_row"].to_list())
    # --8<-- [end:validate]
    assert result.valid["id"].to_list() == [1, 3, 4]
    assert result.quarantined["_row"].to_list() == [2, 4]

    # --8<-- [start:large]
    folder = Path("parts")
    folder.mkdir()
    parts = validate_lazy(data.scan(), costs, folder, context)
    print(parts.rows, parts.quarantined_rows, parts.valid.collect().height)
    # --8<-- [end:large]
    assert parts.findings == result.findings

    # --8<-- [start:rows]
    checks = row_checks(costs)
    print(checks(raw)["_reasons"].to_list())  # also in Spark's mapInArrow: it is pickled, and keeps nothing
    # --8<-- [end:rows]

    # --8<-- [start:publish]
    published = workspace.contracts.publish(dump_contract(costs), owner="site-team")
    looser = dump_contract(costs).replace("min: 0", "min: -100")
    try:
        workspace.contracts.publish(looser)
    except ConflictError as error:
        print(error.message)  # … Consumers: features …; pipelines …; models …
    # --8<-- [end:publish]
    assert published.ref == "costs@1"

    # --8<-- [start:repair]
    set_rows_aside(workspace.datasets, result, data.record, contract=published.ref)
    workspace.quarantine.repair("costs", lambda rows: by_expressions(rows, {"cost": "REPLACE(cost, ',', '')"}), by="me")
    replayed = workspace.quarantine.replay("costs", costs, contract_ref=published.ref)
    print(replayed.accepted, "in", replayed.dataset, "-", replayed.left, "left:", dict(replayed.reasons))
    # --8<-- [end:repair]
    assert (replayed.accepted, replayed.left) == (1, 1)
