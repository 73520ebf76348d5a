"""What MLflow calls to load an exported package: `mlflow.pyfunc.load_model`, where Millwright is installed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.models.package import load_predictor

if TYPE_CHECKING:
    from millwright.models.predictor import Predictor


# The setting `models.allow_code`: MLflow loads in processes that have no workspace.
ALLOW_CODE = "MILLWRIGHT_MODELS__ALLOW_CODE"


def _load_pyfunc(path: str) -> PackagedFunction:
    allowed = os.environ.get(ALLOW_CODE, "").lower() in {"1", "true", "yes", "on"}
    return PackagedFunction(load_predictor(Path(path).read_bytes(), allow_code=allowed))


class PackagedFunction:
    """A package as MLflow's python function.

    Args:
        predictor: The loaded package.
    """

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Answers for a pandas frame, as one: the signature's outputs as columns. There are no params."""
        del params
        answers = self._predictor.predict_frame(pl.from_pandas(model_input))
        return type(model_input)(answers.to_dict(as_series=False), index=model_input.index)
