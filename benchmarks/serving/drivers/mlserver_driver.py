"""MLServer with its scikit-learn runtime, in one process, without batching."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

Path("settings.json").write_text(
    json.dumps(
        {
            "host": "127.0.0.1",
            "http_port": int(sys.argv[2]),
            "grpc_port": int(sys.argv[2]) + 1,
            "metrics_port": int(sys.argv[2]) + 2,
            "parallel_workers": 0,
            "debug": False,
        }
    ),
    encoding="utf-8",
)
Path("model-settings.json").write_text(
    json.dumps(
        {
            "name": "late",
            "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": str(Path(sys.argv[1], "model.joblib"))},
        }
    ),
    encoding="utf-8",
)
os.execv(Path(sys.executable).with_name("mlserver"), ["mlserver", "start", "."])  # noqa: S606
