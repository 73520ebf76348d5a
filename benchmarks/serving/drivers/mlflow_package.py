"""The model as MLflow packs it."""

from __future__ import annotations

import sys
from pathlib import Path

import joblib
import mlflow.sklearn

mlflow.sklearn.save_model(
    joblib.load(Path(sys.argv[1], "model.joblib")),
    Path(sys.argv[1], "mlflow-model"),
    pyfunc_predict_fn="predict_proba",
    serialization_format="cloudpickle",
    pip_requirements=["scikit-learn"],
)
