"""One transformation on several engines, in SQL and as a function."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from millwright.data.engines import EngineOptions, choice_of, run, run_to_parquet

if TYPE_CHECKING:
    import narwhals as nw

phases = pl.DataFrame(
    {
        "building": ["a", "a", "b", "b"],
        "phase": ["design", "build"] * 2,
        "planned": [30, 200, 40, 250],
        "days": [33, 260, 38, 300],
    }
)

# --8<-- [start:sql]
late = """
SELECT building, SUM(days - planned) AS late, AVG(days / planned) AS ratio
FROM phases
GROUP BY building
"""
print(run(late, {"phases": phases}, order_by=["building"]))
print(
    run(late, {"phases": phases}, "duckdb", order_by=["building"]).equals(
        run(late, {"phases": phases}, order_by=["building"])
    )
)
# --8<-- [end:sql]


# --8<-- [start:function]
def overrun(phases: nw.LazyFrame) -> nw.LazyFrame:
    import narwhals as nw

    days = nw.col("days") - nw.col("planned")
    return phases.with_columns(late=days).filter(nw.col("late") > 0).select("building", "phase", "late")


for engine in ("polars", "streaming", "duckdb"):
    print(engine, run(overrun, {"phases": phases}, engine, order_by=["late"])["late"].to_list())
# --8<-- [end:function]

# --8<-- [start:parquet]
options = EngineOptions(memory_gb=0, limit_gb=0.5)  # nothing fits, for once
with tempfile.TemporaryDirectory() as folder:
    choice = choice_of(late, {"phases": phases}, options=options)
    result = run_to_parquet(late, {"phases": phases}, Path(folder) / "late", options=options)
    print(choice.engine, choice.reason)
    print(result.scan().select(pl.len()).collect().item())
# --8<-- [end:parquet]
