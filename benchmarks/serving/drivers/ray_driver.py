"""A Ray Serve deployment with one replica behind its HTTP proxy, set up for throughput as its guide says."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ |= {"RAY_SERVE_THROUGHPUT_OPTIMIZED": "1", "RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}

import joblib
import numpy as np
import ray
from ray import serve

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=128 << 20)
serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[2])})


@serve.deployment(
    num_replicas=1,
    max_ongoing_requests=64,
    ray_actor_options={"num_cpus": 0.5},
    logging_config={"enable_access_log": False},
)
class Late:
    """The model."""

    def __init__(self, path: str) -> None:
        self.model = joblib.load(path)

    async def __call__(self, request: Any) -> Any:
        """Probabilities."""
        asked = await request.json()
        return {"probability": self.model.predict_proba(np.asarray(asked["rows"], dtype=np.float32))[:, 1].tolist()}


serve.run(Late.bind(str(Path(sys.argv[1], "model.joblib"))), route_prefix="/predict")
while True:
    time.sleep(1)
