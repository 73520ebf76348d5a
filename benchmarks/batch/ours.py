"""`predict_table`, as `mw predict` calls it.

`python ours.py FOLDER OUTPUT`; prints the seconds from when all is imported.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

# What a call would import by itself.
import onnxruntime
import polars as pl
import pyarrow.parquet

from millwright.deployment.batch import BatchOptions, predict_table
from millwright.models.package import PackageLoader

del onnxruntime, pl, pyarrow, PackageLoader

folder, output = Path(sys.argv[1]), sys.argv[2]
plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
package = (folder / "package").read_bytes()
begun, before = time.perf_counter(), time.process_time()
result = predict_table(
    package,
    str(folder / "rows.parquet"),
    output,
    model_ref=plan["ref"],
    options=BatchOptions(chunk_rows=plan["chunk_rows"]),
)
assert not result.rejected, result.reasons
print(json.dumps({"engine_s": time.perf_counter() - begun, "engine_cpu_s": time.process_time() - before}))
