"""A LitServe server with one worker on the processor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import joblib
import litserve
import numpy as np


class Late(litserve.LitAPI):
    """The model."""

    def setup(self, device: Any) -> None:
        """Load it."""
        del device
        self.model = joblib.load(Path(sys.argv[1], "model.joblib"))

    def decode_request(self, request):  # noqa: ANN001, ANN201 - LitServe reads these hints
        """Rows."""
        return np.asarray(request["rows"], dtype=np.float32)

    def predict(self, x: Any) -> Any:
        """Probabilities."""
        return self.model.predict_proba(x)[:, 1]

    def encode_response(self, output):  # noqa: ANN001, ANN201 - likewise
        """As JSON."""
        return {"probability": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Late(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False, generate_client_file=False
    )
