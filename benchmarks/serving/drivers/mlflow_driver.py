"""MLflow's scoring server with one worker, in its own environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import joblib
import mlflow.sklearn

model = joblib.load(Path(sys.argv[1], "model.joblib"))
mlflow.sklearn.save_model(model, "model", pyfunc_predict_fn="predict_proba", serialization_format="cloudpickle")
command = [
    sys.executable,
    "-m",
    "mlflow",
    "models",
    "serve",
    "-m",
    "model",
    "-p",
    sys.argv[2],
    "--env-manager",
    "local",
]
os.execv(sys.executable, [*command, "--workers", "1"])  # noqa: S606
