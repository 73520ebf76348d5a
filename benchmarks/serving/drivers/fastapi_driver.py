"""What most people write: FastAPI, pydantic, scikit-learn; no access log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

model = joblib.load(Path(sys.argv[1], "model.joblib"))
app = FastAPI()


class Rows(BaseModel):
    """What is asked."""

    rows: list[list[float]]


@app.post("/predict")
async def predict(asked: Rows) -> Any:
    """Probabilities of the second class."""
    return {"probability": model.predict_proba(np.asarray(asked.rows, dtype=np.float32))[:, 1].tolist()}


uvicorn.run(app, port=int(sys.argv[2]), access_log=False, log_level="warning")
