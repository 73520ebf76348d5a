"""Evidently: `python evidently_driver.py FOLDER default | chosen`.

`default` is its preset as it comes. `chosen` names the test for each kind of column, Kolmogorov-Smirnov and chi-square,
which makes it several times faster.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
from measured import Work, keep, tell

folder, how = Path(sys.argv[1]), sys.argv[2]
reference, current = (pd.read_parquet(folder / f"{side}.parquet") for side in ("reference", "current"))
numbers = [name for name in reference if name.startswith("number")]
categories = [name for name in reference if name.startswith("category")]
chosen = {"num_method": "ks", "cat_method": "chisquare"} if how == "chosen" else {}
with Work("drift"):
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
    sides = [Dataset.from_pandas(frame, data_definition=definition) for frame in (current, reference)]
    said = Report([DataDriftPreset(**chosen)]).run(*sides).dict()
drifted = [
    each for each in said["metrics"] if "Count" in json.dumps(each.get("metric_name", each.get("metric_id", "")))
]
keep("drifted", {"count": float(drifted[0]["value"]["count"])} if drifted else {})
tell()
