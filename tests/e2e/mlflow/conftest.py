"""MLflow's client keeps its address, its experiment and its runs for the whole process: here, only for one test."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _client_of_one_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A failure is told at once, and the next test finds a client that knows no server."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    yield
    client = sys.modules.get("mlflow")
    if client is not None:
        while client.active_run() is not None:
            client.end_run("KILLED")
        client.set_tracking_uri(None)
        client.set_registry_uri(None)
        sys.modules["mlflow.tracking.fluent"]._active_experiment_id = None
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_ID"):
            os.environ.pop(name, None)
