"""A model that was trained elsewhere, registered from a script."""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.ensemble import RandomForestClassifier

import millwright as mw
from millwright.models.adoption import adopt
from millwright.registry.packaged import register_model

random = np.random.default_rng(0)
rows = pl.DataFrame({"planned_days": random.integers(5, 90, 400), "crew": random.integers(1, 9, 400)})
late = np.where(rows["planned_days"].to_numpy() / rows["crew"].to_numpy() > 9, "late", "early")

# --8<-- [start:script]
fitted = RandomForestClassifier(20, random_state=0).fit(rows.to_numpy(), late)  # or LightGBM, XGBoost, PyTorch, ONNX

model = adopt(fitted, rows, target="delivery")
with mw.Workspace.open() as workspace:
    version = register_model(model, "delivery", sample=rows, registry=workspace.registry, stores=workspace.stores)
print(version.ref, version.flavor, version.compilation["status"])
# --8<-- [end:script]
assert (version.ref, version.compilation["status"]) == ("delivery@1", "proven")
