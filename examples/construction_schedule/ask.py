"""Ask the served model about what is new in a snapshot, as the planners would while it runs.

    python ask.py nyc_sca_schedules_2025-09.csv nyc_sca_schedules_2026-01.csv --url http://127.0.0.1:8080

Writes `labels.csv`, the outcomes that the later snapshot knows, for `mw labels add schedule-delay labels.csv`.
"""

from __future__ import annotations

import argparse

import polars as pl
from arrivals import KEY, TARGET, arrivals

import millwright as mw
from millwright.data.contracts.file import load_contract
from millwright.data.contracts.validation import validate
from millwright.data.sources.source import read_source
from millwright.deployment.realtime import PredictionClient

NAME = "schedule-delay"


def main() -> None:
    """Ask, and say how to go on."""
    options = _options()
    sources = (options.earlier, options.later)
    contract = load_contract("contract.yaml")
    first, second = (validate(read_source(source).frame, contract).valid for source in sources)
    new = arrivals(first, second, sources)
    with mw.Workspace.open() as workspace:
        # Training leaves out columns that tell nothing, and a server refuses what its signature does not name.
        inputs = [column["name"] for column in workspace.registry.resolve(f"{NAME}@champion").signature["inputs"]]
    rows = [
        {name: str(value) if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in new.select(inputs).iter_rows(named=True)
    ]
    with PredictionClient(options.url, batch_rows=200) as client:
        answer = client.predict(rows, keys=new[KEY].to_list())
    labels = pl.DataFrame({"prediction_id": answer.ids, "label": new[TARGET]}).drop_nulls("label")
    labels.write_csv("labels.csv")
    by = ", ".join(sorted(set(answer.models)))
    print(f"{len(answer.ids):,} predictions by {by}, {labels.height:,} outcomes known.")
    print(f"Next: mw labels add {NAME} labels.csv")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("earlier", help="the snapshot that the served model has learned from")
    parser.add_argument("later", help="the next snapshot")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="where the model is served")
    return parser.parse_args()


if __name__ == "__main__":
    main()
