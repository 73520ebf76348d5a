"""A LightGBM model over raw rows with categories: an encoder before it, in one model."""

from __future__ import annotations

import lightgbm
import numpy as np
import polars as pl

from millwright.models.encoder import Encoder
from millwright.models.example import json_rows
from millwright.models.model import Model
from millwright.models.package import load_predictor, pack
from millwright.models.signature import Signature
from millwright.models.task import Task

random = np.random.default_rng(0)
rows = pl.DataFrame({"days": random.integers(5, 90, 400), "borough": random.choice(["Bronx", "Queens"], 400)})
late = (rows["days"] > 40) & (rows["borough"] == "Bronx")

# --8<-- [start:encoder]
signature = Signature.infer(rows, late.alias("late"), Task.BINARY)
encoder = Encoder.fit(rows, signature)
data = lightgbm.Dataset(encoder.encode(rows, signature), late.to_numpy())
booster = lightgbm.train({"objective": "binary", "verbose": -1}, data, 20)

model = Model(
    estimator=booster,
    signature=signature,
    encoder=encoder,
    flavor="lightgbm",
    example=json_rows(rows.head(5), signature),
)
# --8<-- [end:encoder]

predictor = load_predictor(pack(model), prefer_onnx=False)
assert predictor.predict_rows([{"days": 80, "borough": "Bronx"}])[0]["prediction"] is True
assert predictor.predict_rows([{"days": 80, "borough": "Queens"}])[0]["prediction"] is False
