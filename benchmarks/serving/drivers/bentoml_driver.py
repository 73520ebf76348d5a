"""A BentoML service with one worker, started as `bentoml serve` does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SERVICE = """
import os
import bentoml, joblib, numpy as np

@bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Late:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api
    def predict(self, rows: list[list[float]]) -> dict:
        return {"probability": self.model.predict_proba(np.asarray(rows, dtype=np.float32))[:, 1].tolist()}
"""
Path("service.py").write_text(SERVICE, encoding="utf-8")
environment = {**os.environ, "MODEL": str(Path(sys.argv[1], "model.joblib")), "BENTOML_DO_NOT_TRACK": "true"}
command = [sys.executable, "-m", "bentoml", "serve", "service:Late", "--port", sys.argv[2]]
os.execve(sys.executable, command, environment)  # noqa: S606
