"""A training script that is tracked: parameters, metrics by step, data, files, nested runs."""

from __future__ import annotations

import polars as pl

import millwright as mw

table = pl.DataFrame({"planned_days": [10, 20, 30, 40], "delayed": [0, 0, 1, 1]})

# --8<-- [start:run]
with mw.track("delay", name="search", params={"seed": 7}, tags={"team": "planning"}) as search:
    search.log_dataset(table, name="schedules", context="training", source="schedules.csv")

    for rate in (0.1, 0.2):
        with mw.track("delay", name=f"rate {rate}", params={"rate": rate}, parent=search) as trial:
            loss = 1.0
            for step in range(100):
                loss *= 1 - rate / 2
                trial.log_metric("loss", loss, step=step)  # never waits for the store
            trial.flush()  # durable from here on
            trial.log_text(f"final loss {loss:.6f}\n", "notes/summary.txt")

    search.log_table(table, "data/schedules.parquet")
# --8<-- [end:run]

# --8<-- [start:read]
best = mw.runs("metrics.loss < 0.1 and params.rate = '0.2'", experiment="delay", order="metrics.loss asc")
print(best.select("name", "params.rate", "metrics.loss"))
# --8<-- [end:read]

# --8<-- [start:resume]
run = mw.track(run_id=best["run_id"][0]).start()
run.log_metric("loss_on_test", 0.02)
print(len(run.history("loss")), "points")
run.finish()
# --8<-- [end:resume]

# --8<-- [start:offline]
with mw.track("delay", name="on the train", offline=True) as run:
    run.log_metric("loss", 0.5)
# --8<-- [end:offline]
