"""MLflow's scoring server with one worker, in its own environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

model = str(Path(sys.argv[1], "mlflow-model"))
command = [
    "-m",
    "mlflow",
    "models",
    "serve",
    "-m",
    model,
    "-p",
    sys.argv[2],
    "--env-manager",
    "local",
    "--workers",
    "1",
]
folder = Path(sys.executable).parent  # it starts the uvicorn that it finds
os.execve(sys.executable, [sys.executable, *command], {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})  # noqa: S606
