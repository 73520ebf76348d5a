"""Tables in memory and sources with options, into datasets from Python."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import millwright as mw

workspace = mw.Workspace.open()

# --8<-- [start:frame]
visits = pd.DataFrame({"site": ["a", "b"], "visits": [3, 5]})
print(workspace.ingestion.add(visits, "visits").dataset.record.ref)
# --8<-- [end:frame]

Path("costs").mkdir(exist_ok=True)
Path("costs/2026-01.csv").write_text("id,site,cost\n1,Oslo,10\n2,Rome,20\n", encoding="utf-8")

# --8<-- [start:increment]
from millwright.data.ingestion.request import IngestOptions  # noqa: E402 - stands where it is explained

found = workspace.ingestion.add("costs/*.csv", "costs", IngestOptions(incremental="files"))
print(found.dataset.record.ref, found.rows, found.is_new)
# --8<-- [end:increment]
